package io.bactrian.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads {@code bactrian.targets.*}. */
final class TargetReader {

    private static final int MAX_TOKENS = 8192;
    private static final Set<String> RESERVED = Set.of(Declared.DEFAULT_CHAIN, "stale");

    private final Settings settings;
    private final Report report;

    TargetReader(Settings settings, Report report) {
        this.settings = settings;
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
                            prefix + "provider", provider, Nearest.unknown("provider", provider, declared.providers()));
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
        Optional<String> text = settings.text(prefix(name) + part);
        if (text.isEmpty()) {
            report.mistake(prefix(name) + part, "not set; target %s needs a provider and a model".formatted(name));
        }
        return text;
    }

    private Target target(String name, Provider provider, String model) {
        String prefix = prefix(name);
        Map<String, JsonNode> body = new LinkedHashMap<>();
        settings.under(prefix + "body.").keySet().forEach(field -> settings.get(prefix + "body." + field, Values::json)
                .ifPresent(value -> body.put(field, value)));
        return new Target(
                name,
                provider,
                model,
                body,
                settings.get(prefix + "max-tokens", Values.integer(1)).orElse(MAX_TOKENS),
                settings.get(prefix + "thinks", Values::bool).orElse(false),
                settings.get(prefix + "quality", Values::share).orElse(1.0),
                settings.get(prefix + "context-tokens", Values.integer(1)).orElse(null),
                settings.get(prefix + "max-output-tokens", Values.integer(1)).orElse(null),
                settings.get(prefix + "supports", Values::features).orElse(features()),
                settings.get(prefix + "price-input", Values::price).orElse(null),
                settings.get(prefix + "price-output", Values::price).orElse(null));
    }

    private static Set<Feature> features() {
        return Values.features("");
    }

    private static String prefix(String name) {
        return "bactrian.targets." + name + ".";
    }
}
