package io.bactrian.alert;

import io.bactrian.alert.Observation.UnknownErrors;
import java.time.Duration;
import java.util.function.Consumer;

/** The rule about errors of providers that no rule of classification knows. Stateless. */
final class UnknownErrorRule implements Rule {
    private static final Duration REMEMBERED = Duration.ofHours(24);

    @Override
    public void check(Observation seen, Consumer<Condition> conditions) {
        for (UnknownErrors errors : seen.unknownErrors()) {
            if (seen.now() - errors.at() > REMEMBERED.toMillis()) {
                continue;
            }
            String code = errors.code() == null ? "" : ", code " + errors.code();
            String text =
                    "Provider %s sent an error that the gateway does not know (status %d%s), the last one at %s. It counts as SERVER_ERROR, so the next target is asked. Please report status and code, so that the gateway learns it."
                            .formatted(
                                    errors.provider(), errors.status(), code, AlertWords.at(errors.at(), seen.now()));
            conditions.accept(Condition.of(AlertKind.UNCLASSIFIED_ERRORS, errors.provider(), text));
        }
    }
}
