package io.bactrian.config;

import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads the configuration from properties: a pure function that says every mistake at once.
 *
 * <p>Start code reads once; where the configuration that comes back is a {@link Config#demo()}, it starts the simulated
 * providers and reads again with their URLs.
 */
public final class ConfigReader {

    private static final String DEMO = "bactrian.demo";

    /** Whom simulated providers stand in for, while it is not known yet where. */
    private static final Map<String, URI> STAND_INS = standIns();

    private ConfigReader() {}

    private static Map<String, URI> standIns() {
        Map<String, URI> standIns = new LinkedHashMap<>();
        List.of("anthropic", "openai", "groq").forEach(name -> standIns.put(name, URI.create("http://localhost")));
        return Collections.unmodifiableMap(standIns);
    }

    /** Either a configuration or what is wrong with it. */
    public sealed interface Result {

        /** A configuration without a mistake. */
        record Read(Config config) implements Result {}

        /**
         * What is wrong: one line for each mistake that names the key, the value and what would be right.
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
     * @param environment the process's, for the proxy and for a word on variables that name no property
     * @param running base URLs of simulated providers by the name of the provider each stands in for; empty while none run
     */
    public static Result read(
            Map<String, String> properties, Map<String, String> environment, Map<String, URI> running) {
        Report report = new Report();
        Settings settings = new Settings(properties);
        KeyCheck.check(settings, report);
        Overrides.unmatched(environment).forEach(report::notice);

        boolean wanted = running.isEmpty() && demo(settings, Declared.of(settings, Set.of()), report);
        Map<String, URI> simulated = wanted ? STAND_INS : running;
        Declared declared = Declared.of(settings, simulated.keySet());
        Map<String, Provider> providers =
                new ProviderReader(settings, new Proxies(environment, report), report).read(declared, simulated);
        Map<String, Target> targets = new TargetReader(settings, report).read(declared, providers);
        Twins twins = new Twins(settings, declared);
        twins.check(settings, report);
        LimitsResolver limits = new LimitsReader(settings, twins);
        Map<String, Chain> chains = new ChainReader(settings, report, declared, providers, targets, limits).read();
        Map<String, String> aliases = new AliasReader(settings, report, declared).read();
        Config.Server server = new ServerReader(settings, report, declared.chains()).read();
        boolean demo = !simulated.isEmpty();

        Stale stale = new Stale(
                settings.get("bactrian.stale.max-age", Durations::positive).orElse(Duration.ofHours(24)),
                settings.get("bactrian.stale.max-entries", Values.integer(1)).orElse(10_000),
                settings.text("bactrian.stale.store").orElse(""));
        boolean drills = settings.get("bactrian.drills", Values::bool).orElse(demo);
        boolean reload = settings.get("bactrian.reload", Values::bool).orElse(true);

        List<String> mistakes = report.mistakes();
        return mistakes.isEmpty()
                ? new Result.Read(new Config(
                        providers,
                        targets,
                        chains,
                        aliases,
                        server,
                        demo,
                        stale,
                        drills,
                        reload,
                        report.notices(),
                        limits))
                : new Result.Mistakes(mistakes);
    }

    private static boolean demo(Settings settings, Declared declared, Report report) {
        boolean none = declared.on().isEmpty();
        Keys.Demo mode = settings.get(DEMO, Values.choice(Keys.Demo.class)).orElse(Keys.Demo.AUTO);
        if (mode == Keys.Demo.OFF && none) {
            report.mistake(
                    DEMO,
                    "off",
                    "no provider is on; set ANTHROPIC_API_KEY, OPENAI_API_KEY, GROQ_API_KEY or a bactrian.providers.<p>.api-key, or bactrian.providers.<p>.keyless = true where none is needed");
        }
        return mode == Keys.Demo.ON || (mode == Keys.Demo.AUTO && none);
    }
}
