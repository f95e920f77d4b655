package io.bactrian.testing;

import static org.awaitility.Awaitility.await;

import io.bactrian.trace.Traces;
import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The spans of a gateway's requests, kept in memory. Thread-safe. */
public final class Spans {
    private final InMemorySpanExporter exporter = InMemorySpanExporter.create();
    private final OpenTelemetrySdk sdk = OpenTelemetrySdk.builder()
            .setTracerProvider(SdkTracerProvider.builder()
                    .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                    .build())
            .setPropagators(ContextPropagators.create(TextMapPropagator.composite(
                    W3CTraceContextPropagator.getInstance(), W3CBaggagePropagator.getInstance())))
            .build();

    /** Where a gateway sends them. */
    public Traces traces() {
        return new Traces(sdk);
    }

    /** All that have ended. */
    public List<SpanData> all() {
        return exporter.getFinishedSpanItems();
    }

    /** Waits for the end of the span of a request, by the id of the request. */
    public SpanData request(String id) {
        await().until(() -> ended(id).isPresent());
        return ended(id).orElseThrow();
    }

    private Optional<SpanData> ended(String id) {
        return all().stream()
                .filter(span -> id.equals(text(span, "bactrian.request")))
                .findFirst();
    }

    /** The spans of the calls of a request that have ended, in the order in which the calls began. */
    public List<SpanData> calls(SpanData request) {
        return all().stream()
                .filter(span -> span.getKind() == SpanKind.CLIENT)
                .filter(span -> span.getParentSpanId().equals(request.getSpanId()))
                .sorted(Comparator.comparing(span -> Objects.requireNonNull(number(span, "bactrian.attempt"))))
                .toList();
    }

    public static @Nullable String text(SpanData span, String attribute) {
        return span.getAttributes().get(AttributeKey.stringKey(attribute));
    }

    public static @Nullable Long number(SpanData span, String attribute) {
        return span.getAttributes().get(AttributeKey.longKey(attribute));
    }

    /** An event with its target and its reason or way: {@code skipped p/m COOLING}. */
    public static List<String> events(SpanData span) {
        return span.getEvents().stream().map(Spans::words).toList();
    }

    private static String words(EventData event) {
        StringBuilder words = new StringBuilder(event.getName());
        for (String attribute : List.of("bactrian.target", "bactrian.reason", "bactrian.rescue")) {
            String value = event.getAttributes().get(AttributeKey.stringKey(attribute));
            words.append(value == null ? "" : " " + value);
        }
        return words.toString();
    }
}
