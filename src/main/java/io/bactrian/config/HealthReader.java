package io.bactrian.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The reader of {@code bactrian.health.*}, {@code bactrian.node} and the {@code probe} of providers and targets. */
final class HealthReader {
    static final ValueParser<Duration> PERIOD = HealthReader::period;
    static final ValueParser<Duration> TIMEOUT = Durations.between("1ms", "1h");
    static final ValueParser<Double> BUDGET =
            ValueParsers.decimal("0.01", "1000000", "a number from 0.01 to 1000000 (US dollars a day), such as 1.50");
    static final ValueParser<Probe> PROBE = ValueParsers.choice(Probe.class);

    private static final Duration SHORTEST = Duration.ofSeconds(1);

    private final RawProperties raw;
    private final Map<String, String> environment;

    HealthReader(RawProperties raw, Map<String, String> environment) {
        this.raw = raw;
        this.environment = environment;
    }

    HealthSettings read() {
        return new HealthSettings(
                raw.get("bactrian.health.period", PERIOD).orElse(Duration.ofSeconds(30)),
                raw.get("bactrian.health.timeout", TIMEOUT).orElse(Duration.ofSeconds(5)),
                raw.text("bactrian.health.prompt").orElse("Say 'ok'"),
                raw.get("bactrian.health.publish", ValueParsers::list).orElseGet(() -> usual()),
                raw.get("bactrian.health.budget", BUDGET).orElse(1.0),
                raw.text("bactrian.node").orElseGet(() -> host(environment)),
                probes("bactrian.providers."),
                probes("bactrian.targets."));
    }

    private List<String> usual() {
        List<String> uris = new ArrayList<>(List.of("log:bactrian.health"));
        if (QueueReader.isEnabled(raw)) {
            uris.add("jms:topic:llm.health");
        }
        return uris;
    }

    private Map<String, Probe> probes(String prefix) {
        Map<String, Probe> probes = new LinkedHashMap<>();
        for (String name : raw.names(prefix)) {
            raw.get(prefix + name + ".probe", PROBE).ifPresent(probe -> probes.put(name, probe));
        }
        return probes;
    }

    private static Duration period(String text) {
        Duration period = Durations.between("0s", "24h").of(text);
        if (!period.isZero() && period.compareTo(SHORTEST) < 0) {
            throw new BadValue("a duration from 1s to 24h, or 0s for no health monitor");
        }
        return period;
    }

    /** The name of this machine or container. */
    private static String host(Map<String, String> environment) {
        String name = environment.getOrDefault("HOSTNAME", "");
        if (!name.isBlank()) {
            return name;
        }
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
