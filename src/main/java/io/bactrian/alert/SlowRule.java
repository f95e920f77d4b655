package io.bactrian.alert;

import io.bactrian.alert.Observation.TargetView;
import java.time.Duration;
import java.util.function.Consumer;

/** The rule about targets whose first token takes longer than the objective. Stateless. */
final class SlowRule implements Rule {
    private static final double QUICK_AGAIN = 0.8;

    @Override
    public void check(Observation seen, Consumer<Condition> conditions) {
        Duration objective = seen.firstToken();
        if (objective == null) {
            return;
        }
        for (TargetView target : seen.targets().values()) {
            Duration p95 = target.p95();
            if (p95 == null || p95.toMillis() <= QUICK_AGAIN * objective.toMillis()) {
                continue;
            }
            String text =
                    "%s is slow: 5 %% of its streams take longer than %s until the first token; the objective is %s. Callers wait longer. Check the load of the provider, or use hedge or order=fastest for the chain."
                            .formatted(
                                    target.name(),
                                    AlertWords.seconds(p95.toMillis()),
                                    AlertWords.seconds(objective.toMillis()));
            conditions.accept(
                    Condition.of(AlertKind.TARGET_SLOW, target.name(), text).onlyKeeps(p95.compareTo(objective) <= 0));
        }
    }
}
