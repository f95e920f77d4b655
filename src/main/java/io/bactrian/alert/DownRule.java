package io.bactrian.alert;

import static java.util.stream.Collectors.groupingBy;

import io.bactrian.alert.Observation.TargetView;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** The rule about targets that are down, and about providers with several of them. Stateless. */
final class DownRule implements Rule {
    @Override
    public void check(Observation seen, Consumer<Condition> conditions) {
        Map<String, List<TargetView>> down = seen.targets().values().stream()
                .filter(TargetView::down)
                .sorted(Comparator.comparing(TargetView::name))
                .collect(groupingBy(TargetView::provider, LinkedHashMap::new, Collectors.toList()));
        down.forEach((provider, targets) -> {
            provider(provider, targets, seen, conditions);
            targets.forEach(target -> target(target, seen, conditions));
        });
    }

    private static void provider(
            String provider, List<TargetView> targets, Observation seen, Consumer<Condition> conditions) {
        boolean together = targets.size() > 1
                && targets.stream()
                                .map(target -> target.health().cause())
                                .distinct()
                                .count()
                        == 1;
        Set<String> silenced = new LinkedHashSet<>();
        targets.forEach(target -> {
            silenced.add(AlertKind.TARGET_DOWN.key(target.name()));
            silenced.add(AlertKind.BREAKER_OPEN.key(target.name()));
        });
        TargetView first = targets.getFirst();
        String text =
                "%s of provider %s %s down since %s (%s): %s. %s Nothing to do unless it lasts; then check the provider's status page."
                        .formatted(
                                targets.size() == 1 ? "One target" : targets.size() + " targets",
                                provider,
                                targets.size() == 1 ? "is" : "are",
                                AlertWords.at(
                                        targets.stream()
                                                .mapToLong(target ->
                                                        target.health().since())
                                                .min()
                                                .orElse(0),
                                        seen.now()),
                                first.trouble(),
                                targets.stream().limit(10).map(TargetView::name).collect(Collectors.joining(", ")),
                                seen.instead(first));
        conditions.accept(Condition.of(AlertKind.PROVIDER_DOWN, provider, text)
                .silencing(silenced)
                .onlyKeeps(!together));
    }

    /** The fallbacks of a chain whose first target is down have that cause. */
    private static Set<String> silenced(TargetView target, Observation seen) {
        Set<String> keys = new LinkedHashSet<>();
        keys.add(AlertKind.BREAKER_OPEN.key(target.name()));
        seen.chains().stream()
                .filter(chain -> chain.targets().indexOf(target.name()) == 0)
                .forEach(chain -> keys.add(AlertKind.FALLBACK_SHARE.key(chain.name())));
        return keys;
    }

    private static void target(TargetView target, Observation seen, Consumer<Condition> conditions) {
        String since = AlertWords.at(target.health().since(), seen.now());
        Long probe = target.health().nextProbe();
        String next = probe == null || probe <= seen.now()
                ? ""
                : " Next probe in " + AlertWords.time(probe - seen.now()) + ".";
        String text =
                "%s is down since %s (%s). %s%s Nothing to do unless it lasts; then check the provider's status page, or put another target first."
                        .formatted(target.name(), since, target.trouble(), seen.instead(target), next);
        conditions.accept(Condition.of(AlertKind.TARGET_DOWN, target.name(), text)
                .silencing(silenced(target, seen))
                .inDrill(target.drilled()));
    }
}
