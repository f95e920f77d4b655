package io.bactrian.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The targets that name the same model at the same provider, and so share one breaker. Immutable. */
final class SharedModels {

    private final Map<String, List<String>> namesByModel = new LinkedHashMap<>();

    SharedModels(RawProperties raw, Declared declared) {
        for (String name : declared.targets()) {
            Optional<String> provider = raw.text("bactrian.targets." + name + ".provider");
            Optional<String> model = raw.text("bactrian.targets." + name + ".model");
            if (provider.isPresent() && model.isPresent()) {
                namesByModel
                        .computeIfAbsent(provider.get() + "/" + model.get(), key -> new ArrayList<>())
                        .add(name);
            }
        }
    }

    /** The targets for a {@code provider/model}, in the order written. */
    List<String> of(String model) {
        return namesByModel.getOrDefault(model, List.of());
    }

    /** Reports breaker settings of targets that share a breaker and contradict each other. */
    void check(RawProperties raw, ConfigReport report) {
        for (LimitKey limit : LimitKey.ALL) {
            if (limit.scope() == Limit.Scope.MODEL) {
                namesByModel.forEach((model, names) -> check(raw, report, limit, model, names));
            }
        }
    }

    private static void check(
            RawProperties raw, ConfigReport report, LimitKey limit, String model, List<String> names) {
        List<String> set = names.stream()
                .map(name -> "bactrian.targets." + name + "." + limit.name())
                .filter(key -> raw.get(key, limit.parser()).isPresent())
                .toList();
        for (String key : set) {
            String first = set.getFirst();
            if (!raw.get(key, limit.parser()).equals(raw.get(first, limit.parser()))) {
                report.mistake(
                        key,
                        raw.text(key).orElseThrow(),
                        "%s says %s, but both are %s and share one breaker; set it once"
                                .formatted(first, raw.text(first).orElseThrow(), model));
            }
        }
    }
}
