package io.bactrian.alert;

import io.bactrian.alert.Observation.TargetView;
import java.util.function.Consumer;

/** The rule about breakers that stay open for more than twice their configured time. Stateless. */
final class BreakerRule implements Rule {
    @Override
    public void check(Observation seen, Consumer<Condition> conditions) {
        for (TargetView target : seen.targets().values()) {
            Long since = target.notClosedSince();
            if (since == null) {
                continue;
            }
            boolean lasts =
                    seen.now() - since > target.openFor().multipliedBy(2).toMillis();
            String text =
                    "The circuit breaker of %s has been open since %s (%s). %s A call is tried from time to time, and the first answer closes it. If it lasts, check the provider, or put another target first."
                            .formatted(
                                    target.name(),
                                    AlertWords.at(since, seen.now()),
                                    target.trouble(),
                                    seen.instead(target));
            conditions.accept(Condition.of(AlertKind.BREAKER_OPEN, target.name(), text)
                    .onlyKeeps(!lasts || target.onTrial())
                    .inDrill(target.drilled()));
        }
    }
}
