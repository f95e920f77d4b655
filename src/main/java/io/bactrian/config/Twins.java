package io.bactrian.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The targets that name the same model at the same provider, and so share one breaker. Immutable. */
final class Twins {

    private final Map<String, List<String>> namesByModel = new LinkedHashMap<>();

    Twins(Settings settings, Declared declared) {
        for (String name : declared.targets()) {
            Optional<String> provider = settings.text("bactrian.targets." + name + ".provider");
            Optional<String> model = settings.text("bactrian.targets." + name + ".model");
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

    /** Reports breaker settings of twins that contradict each other. */
    void check(Settings settings, Report report) {
        for (LimitKey<?> limit : LimitKeys.ALL) {
            if (limit.reach() == LimitKey.Reach.MODEL) {
                namesByModel.forEach((model, names) -> check(settings, report, limit, model, names));
            }
        }
    }

    private static void check(Settings settings, Report report, LimitKey<?> limit, String model, List<String> names) {
        List<String> set = names.stream()
                .map(name -> "bactrian.targets." + name + "." + limit.name())
                .filter(key -> settings.get(key, limit.value()).isPresent())
                .toList();
        for (String key : set) {
            String first = set.getFirst();
            if (!settings.get(key, limit.value()).equals(settings.get(first, limit.value()))) {
                report.mistake(
                        key,
                        settings.text(key).orElseThrow(),
                        "%s says %s, but both are %s and share one breaker; set it once"
                                .formatted(first, settings.text(first).orElseThrow(), model));
            }
        }
    }
}
