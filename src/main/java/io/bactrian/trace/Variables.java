package io.bactrian.trace;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The variables of OpenTelemetry that say whether to trace, from the environment or as system properties. Stateless. */
final class Variables {
    private static final String DISABLED = "OTEL_SDK_DISABLED";
    private static final String EXPORTER = "OTEL_TRACES_EXPORTER";
    private static final List<String> ENDPOINTS =
            List.of("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
    private static final List<String> PROTOCOLS =
            List.of("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL");

    private Variables() {}

    /** Whether a variable asks for traces, and none forbids them. */
    static boolean askForTraces() {
        String exporter = of(EXPORTER);
        if ("true".equalsIgnoreCase(of(DISABLED)) || "none".equals(exporter)) {
            return false;
        }
        return exporter != null || ENDPOINTS.stream().anyMatch(name -> of(name) != null);
    }

    /**
     * Checks what the SDK would explain badly.
     *
     * @throws IllegalArgumentException if a variable asks for the protocol that is not included
     */
    static void check() {
        for (String name : PROTOCOLS) {
            String protocol = of(name);
            if (protocol != null && !protocol.equals("http/protobuf")) {
                throw new IllegalArgumentException(name + "=" + protocol
                        + ": traces are sent with http/protobuf only; remove the variable, and give"
                        + " the collector's port for HTTP, usually 4318");
            }
        }
    }

    /** The value of a variable as the SDK takes it: the system property counts before the environment. */
    private static @Nullable String of(String variable) {
        String property = System.getProperty(variable.toLowerCase(Locale.ROOT).replace('_', '.'));
        return Stream.of(
                        property == null ? "" : property,
                        String.valueOf(System.getenv().getOrDefault(variable, "")))
                .map(String::strip)
                .filter(value -> !value.isEmpty())
                .findFirst()
                .orElse(null);
    }
}
