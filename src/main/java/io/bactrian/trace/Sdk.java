package io.bactrian.trace;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.resources.Resource;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The OpenTelemetry SDK, set up by its own variables ({@code OTEL_…}). Only this class refers to it, and is loaded only where a
 * variable asks for traces. Thread-safe.
 */
final class Sdk implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("bactrian.traces");
    private static final AttributeKey<String> SERVICE = AttributeKey.stringKey("service.name");
    private static final long FLUSH_SECONDS = 5;

    /** What holds unless a variable says otherwise. The gateway has metrics and logs of its own. */
    private static final Map<String, String> DEFAULTS = Map.of(
            "otel.metrics.exporter", "none",
            "otel.logs.exporter", "none",
            "otel.exporter.otlp.protocol", "http/protobuf");

    private final OpenTelemetrySdk sdk;

    private Sdk(OpenTelemetrySdk sdk) {
        this.sdk = sdk;
    }

    /**
     * Starts the SDK; what it has to say goes to the log.
     *
     * @throws IllegalArgumentException if a variable has no good value
     */
    static Sdk start() {
        Variables.check();
        SdkLog.connect();
        try {
            OpenTelemetrySdk started = AutoConfiguredOpenTelemetrySdk.builder()
                    .disableShutdownHook()
                    .addPropertiesSupplier(() -> DEFAULTS)
                    .addResourceCustomizer((resource, config) -> named(resource))
                    .build()
                    .getOpenTelemetrySdk();
            LOG.info("Requests are traced with OpenTelemetry");
            return new Sdk(started);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(explain(e), e);
        }
    }

    private static Resource named(Resource resource) {
        String name = resource.getAttribute(SERVICE);
        return name == null || name.startsWith("unknown_service")
                ? resource.merge(Resource.builder().put(SERVICE, "bactrian").build())
                : resource;
    }

    /** The message of the root cause, unless it may quote headers, which hold secrets. */
    private static String explain(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = String.valueOf(root.getMessage());
        return "OTEL_ variables: "
                + (message.contains("headers") ? "OTEL_EXPORTER_OTLP_HEADERS is no list of name=value" : message);
    }

    OpenTelemetry telemetry() {
        return sdk;
    }

    @Override
    public void close() {
        sdk.shutdown().join(FLUSH_SECONDS, TimeUnit.SECONDS);
    }
}
