package io.bactrian.provider.failure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.policy.Failure;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class ClassifierProperties {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-22T10:00:00Z"), ZoneOffset.UTC);

    private final Classifier classifier = new Classifier(CLOCK);

    @Property
    void any_answer_is_classified(
            @ForAll @IntRange(min = 100, max = 599) int status,
            @ForAll byte[] body,
            @ForAll("headers") Map<String, String> headers) {
        fit(classifier.classify(status, headers::get, body));
    }

    @Property
    void any_document_is_classified(
            @ForAll @IntRange(min = 100, max = 599) int status,
            @ForAll("documents") String document,
            @ForAll("headers") Map<String, String> headers) {
        fit(classifier.classify(status, headers::get, document.getBytes(UTF_8)));
        Failure event = classifier.inEvent(ErrorBody.parse(document.getBytes(UTF_8)));
        if (event != null) {
            fit(event);
        }
    }

    private static void fit(Failure failure) {
        assertThat(failure.type()).isNotNull();
        assertThat(failure.reason()).isNotBlank().hasSizeLessThanOrEqualTo(300).doesNotContain("\n", "\r");
        if (failure.retryAfter() != null) {
            assertThat(failure.retryAfter()).isPositive().isLessThanOrEqualTo(Duration.ofHours(1));
        }
    }

    @Provide
    Arbitrary<Map<String, String>> headers() {
        Arbitrary<String> names = Arbitraries.of(
                "retry-after-ms",
                "x-ms-retry-after-ms",
                "retry-after",
                "x-ratelimit-remaining-tokens",
                "x-ratelimit-reset-tokens",
                "anthropic-ratelimit-tokens-remaining",
                "anthropic-ratelimit-tokens-reset",
                "x-should-retry");
        Arbitrary<String> values = Arbitraries.oneOf(
                Arbitraries.strings().ofMaxLength(80),
                Arbitraries.strings().withChars("0123456789.-:smhTZ+e ").ofMaxLength(70),
                Arbitraries.of("0", "true", "1e999", "999999999-12-31T23:59:59Z", "Fri, 31 Dec 9999 23:59:59 GMT"));
        return Arbitraries.maps(names, values).ofMaxSize(8);
    }

    @Provide
    Arbitrary<String> documents() {
        Arbitrary<String> fields = Arbitraries.of(
                "error",
                "message",
                "code",
                "type",
                "status",
                "param",
                "object",
                "detail",
                "details",
                "metadata",
                "headers",
                "raw",
                "reasons",
                "x_groq",
                "choices",
                "loc",
                "retryDelay",
                "statusCode");
        Arbitrary<String> words = Arbitraries.of(
                "\"\"",
                "null",
                "true",
                "-1e400",
                "123456789012345678901234567890",
                "429",
                "\"context window\"",
                "\"Limit ,,, Requested 99999999999999\"",
                "\"try again in 999999999999h999999999999h\"",
                "\"<html>\"",
                "\"{\\\"error\\\":{}}\"");
        Arbitrary<String> leaves = Arbitraries.oneOf(
                words, Arbitraries.strings().alpha().ofMaxLength(20).map(it -> "\"" + it + "\""));
        return nested(fields, nested(fields, nested(fields, leaves)));
    }

    private static Arbitrary<String> nested(Arbitrary<String> fields, Arbitrary<String> inner) {
        Arbitrary<String> object = Arbitraries.maps(fields, inner)
                .ofMaxSize(4)
                .map(it -> "{"
                        + String.join(
                                ",",
                                it.entrySet().stream()
                                        .map(e -> "\"" + e.getKey() + "\":" + e.getValue())
                                        .toList())
                        + "}");
        Arbitrary<String> array = inner.list().ofMaxSize(2).map(it -> "[" + String.join(",", it) + "]");
        return Arbitraries.oneOf(object, array, inner);
    }
}
