package io.bactrian.config;

import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The reader of the configuration: a pure function from properties to a {@link Config}, or to every mistake at once.
 *
 * <p>Start code reads once; if the result is a {@link Config#demo()}, it starts the simulated providers and reads again with
 * their URLs.
 */
public final class ConfigReader {

    private static final String DEMO = "bactrian.demo";

    /** The providers that are simulated, until their URLs are known. */
    private static final Map<String, URI> SIMULATED = simulated();

    private ConfigReader() {}

    private static Map<String, URI> simulated() {
        Map<String, URI> standIns = new LinkedHashMap<>();
        List.of("anthropic", "openai", "groq").forEach(name -> standIns.put(name, URI.create("http://localhost")));
        return Collections.unmodifiableMap(standIns);
    }

    /** Either a configuration or what is wrong with it. */
    public sealed interface Result {

        /** A configuration without a mistake. */
        record Read(Config config) implements Result {}

        /**
         * The mistakes: one line for each that names the key, the value and what would be right.
         *
         * @param lines at least one; none has a secret in it
         */
        record Mistakes(List<String> lines) implements Result {

            public Mistakes {
                lines = List.copyOf(lines);
            }
        }
    }

    /** As {@link #read(Map, Map, Map)}, without simulated providers. */
    public static Result read(Map<String, String> properties, Map<String, String> environment) {
        return read(properties, environment, Map.of());
    }

    /**
     * Reads the configuration.
     *
     * @param properties the effective ones (see {@link Overrides}), place holders resolved, in the order written; keys
     *     that are not the gateway's are passed over
     * @param environment the process's, for the proxy and for notices about variables that name no property
     * @param running base URLs of simulated providers by the name of the provider each stands in for; empty while none run
     */
    public static Result read(
            Map<String, String> properties, Map<String, String> environment, Map<String, URI> running) {
        ConfigReport report = new ConfigReport();
        RawProperties raw = new RawProperties(properties);
        KeyCheck.check(raw, report);
        Overrides.unmatched(environment).forEach(report::notice);

        boolean wanted = running.isEmpty() && demo(raw, Declared.of(raw, Set.of()), report);
        Map<String, URI> simulated = wanted ? SIMULATED : running;
        Declared declared = Declared.of(raw, simulated.keySet());
        Map<String, Provider> providers =
                new ProviderReader(raw, new Proxies(environment, report), report).read(declared, simulated);
        Map<String, Target> targets = new TargetReader(raw, report).read(declared, providers);
        SharedModels sharedModels = new SharedModels(raw, declared);
        sharedModels.check(raw, report);
        LimitsResolver limits = new LimitsReader(raw, sharedModels);
        Map<String, Chain> chains = new ChainReader(raw, report, declared, providers, targets, limits).read();
        AliasReader aliasReader = new AliasReader(raw, report, declared);
        Map<String, String> aliases = aliasReader.read();
        Config.Server server = new ServerReader(raw, report, declared.chains()).read();
        boolean demo = !simulated.isEmpty();

        StaleSettings stale = new StaleSettings(
                raw.get("bactrian.stale.max-age", Ranges.STALE_AGE).orElse(Duration.ofHours(24)),
                raw.get("bactrian.stale.max-entries", Ranges.STALE_ENTRIES).orElse(10_000),
                raw.text("bactrian.stale.store").orElse(""));
        AlertSettings alerts = AlertReader.read(raw, report);
        boolean drills = raw.get("bactrian.drills", ValueParsers::bool).orElse(demo);
        boolean reload = raw.get("bactrian.reload", ValueParsers::bool).orElse(true);

        GenAiNames genAi = raw.get("bactrian.metrics.gen-ai", GenAiNames::of).orElse(GenAiNames.V1_41);

        List<String> mistakes = report.mistakes();
        return mistakes.isEmpty()
                ? new Result.Read(new Config(
                        providers,
                        targets,
                        chains,
                        aliases,
                        aliasReader.builtIn(),
                        server,
                        demo,
                        stale,
                        alerts,
                        drills,
                        reload,
                        report.notices(),
                        limits,
                        new HealthReader(raw, environment).read(),
                        QueueReader.read(raw),
                        KafkaReader.read(raw),
                        genAi))
                : new Result.Mistakes(mistakes);
    }

    private static boolean demo(RawProperties raw, Declared declared, ConfigReport report) {
        boolean none = declared.on().isEmpty();
        PropertyKeys.Demo mode =
                raw.get(DEMO, ValueParsers.choice(PropertyKeys.Demo.class)).orElse(PropertyKeys.Demo.AUTO);
        if (mode == PropertyKeys.Demo.OFF && none) {
            report.mistake(
                    DEMO,
                    "off",
                    "no provider is on; set ANTHROPIC_API_KEY, OPENAI_API_KEY, GROQ_API_KEY or a"
                            + " bactrian.providers.<p>.api-key, or bactrian.providers.<p>.keyless = true where none is"
                            + " needed");
        }
        return mode == PropertyKeys.Demo.ON || (mode == PropertyKeys.Demo.AUTO && none);
    }
}
