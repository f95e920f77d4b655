package io.bactrian.alert;

import io.bactrian.alert.Observation.KeyView;
import io.bactrian.policy.FailureClass;
import java.util.function.Consumer;

/** The rule about keys that a provider refuses, or whose quota is used up. A key is named by its place. Stateless. */
final class KeyRule implements Rule {
    @Override
    public void check(Observation seen, Consumer<Condition> conditions) {
        for (KeyView key : seen.keys()) {
            boolean refused = key.type() == FailureClass.AUTHENTICATION;
            String what = "Provider %s %s key %d of %d since %s (%s)."
                    .formatted(
                            key.provider(),
                            refused ? "refuses" : "has no quota left for",
                            key.number(),
                            key.of(),
                            AlertWords.at(key.since(), seen.now()),
                            key.type());
            String others = key.of() == 1
                    ? "It is the only key, so the next targets answer."
                    : key.othersResting() == key.of() - 1
                            ? "No other key of the provider works, so the next targets answer."
                            : "The other keys are used in its place.";
            String advice = refused
                    ? "Replace it in bactrian.providers.%s.api-key; the change takes effect without a restart."
                            .formatted(key.provider())
                    : "Raise the limit of the account or add credit; the key is tried again by itself.";
            conditions.accept(Condition.of(
                    AlertKind.KEY_REFUSED, key.provider() + "/" + key.number(), what + " " + others + " " + advice));
        }
    }
}
