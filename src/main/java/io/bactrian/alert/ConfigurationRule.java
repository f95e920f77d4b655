package io.bactrian.alert;

import io.bactrian.alert.Observation.Refusal;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** The rule about changed files that were refused. Stateless. */
final class ConfigurationRule implements Rule {
    private static final int MAX_MISTAKES = 10;

    @Override
    public void check(Observation seen, Consumer<Condition> conditions) {
        Refusal refusal = seen.refusal();
        if (refusal.mistakes().isEmpty()) {
            return;
        }
        int more = refusal.mistakes().size() - MAX_MISTAKES;
        String text =
                "The changed configuration was refused at %s. The previous one keeps serving. Correct the files: %s%s"
                        .formatted(
                                AlertWords.at(refusal.at(), seen.now()),
                                refusal.mistakes().stream().limit(MAX_MISTAKES).collect(Collectors.joining("; ")),
                                more > 0 ? "; and " + more + " more" : "");
        conditions.accept(Condition.of(AlertKind.CONFIGURATION_REFUSED, "config", text));
    }
}
