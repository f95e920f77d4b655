package io.bactrian.alert;

import io.bactrian.alert.Observation.TargetView;
import java.util.function.Consumer;

/** The rule about models that a provider says are not there. Stateless. */
final class ModelRule implements Rule {
    private static final int TWICE = 2;

    @Override
    public void check(Observation seen, Consumer<Condition> conditions) {
        for (TargetView target : seen.targets().values()) {
            if (target.modelMissing() < TWICE) {
                continue;
            }
            String chains = target.chains().isEmpty() ? "no chain" : "chain " + String.join(", ", target.chains());
            String text =
                    "Provider %s says that it has no model %s (MODEL_UNAVAILABLE). It stands in %s. %s It is asked again from time to time. Check the name of the model; it may have been retired, or the account may not have it."
                            .formatted(target.provider(), target.target().model(), chains, seen.instead(target));
            conditions.accept(Condition.of(AlertKind.MODEL_GONE, target.name(), text));
        }
    }
}
