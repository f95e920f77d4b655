package io.bactrian.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The reader of {@code bactrian.targets.*}. */
final class TargetReader {

    private static final int MAX_TOKENS = 8192;
    private static final Set<String> RESERVED = Set.of(Declared.DEFAULT_CHAIN, "stale");

    private final RawProperties raw;
    private final ConfigReport report;

    TargetReader(RawProperties raw, ConfigReport report) {
        this.raw = raw;
        this.report = report;
    }

    /** A target that no properties describe: a provider and a model, written out. */
    static Target writtenOut(Provider provider, String model) {
        return new Target(
                provider.name() + "/" + model,
                provider,
                model,
                Map.of(),
                MAX_TOKENS,
                false,
                1.0,
                null,
                null,
                features(),
                null,
                null);
    }

    /** The targets by name; those of providers that are off are left out. */
    Map<String, Target> read(Declared declared, Map<String, Provider> providers) {
        Map<String, Target> targets = new LinkedHashMap<>();
        for (String name : declared.targets()) {
            if (RESERVED.contains(name)) {
                report.mistake(
                        "bactrian.targets." + name, "the name " + name + " has a meaning of its own; choose another");
            }
            String prefix = prefix(name);
            Optional<String> model = required(name, "model");
            required(name, "provider").ifPresent(provider -> {
                if (!declared.providers().contains(provider)) {
                    report.mistake(
                            prefix + "provider",
                            provider,
                            Suggestions.unknown("provider", provider, declared.providers()));
                }
                Provider found = providers.get(provider);
                if (found != null && found.on() && model.isPresent()) {
                    targets.put(name, target(name, found, model.get()));
                }
            });
        }
        return targets;
    }

    private Optional<String> required(String name, String part) {
        Optional<String> text = raw.text(prefix(name) + part);
        if (text.isEmpty()) {
            report.mistake(prefix(name) + part, "not set; target %s needs a provider and a model".formatted(name));
        }
        return text;
    }

    private Target target(String name, Provider provider, String model) {
        String prefix = prefix(name);
        Map<String, JsonNode> body = new LinkedHashMap<>();
        raw.under(prefix + "body.").keySet().forEach(field -> raw.get(prefix + "body." + field, ValueParsers::json)
                .ifPresent(value -> body.put(field, value)));
        return new Target(
                name,
                provider,
                model,
                body,
                raw.get(prefix + "max-tokens", Ranges.TOKENS).orElse(MAX_TOKENS),
                raw.get(prefix + "thinks", ValueParsers::bool).orElse(false),
                raw.get(prefix + "quality", Ranges.QUALITY).orElse(1.0),
                raw.get(prefix + "context-tokens", Ranges.TOKENS).orElse(null),
                raw.get(prefix + "max-output-tokens", Ranges.TOKENS).orElse(null),
                raw.get(prefix + "supports", ValueParsers::features).orElse(features()),
                raw.get(prefix + "price-input", Ranges.PRICE).orElse(null),
                raw.get(prefix + "price-output", Ranges.PRICE).orElse(null));
    }

    private static Set<Feature> features() {
        return ValueParsers.features("");
    }

    private static String prefix(String name) {
        return "bactrian.targets." + name + ".";
    }
}
