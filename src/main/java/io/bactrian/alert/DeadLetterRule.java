package io.bactrian.alert;

import io.bactrian.alert.Observation.Letters;
import java.time.Duration;
import java.util.function.Consumer;

/** The rule about messages that could not be answered and were put aside. Stateless. */
final class DeadLetterRule implements Rule {
    private static final Duration REMEMBERED = Duration.ofMinutes(30);

    @Override
    public void check(Observation seen, Consumer<Condition> conditions) {
        Letters letters = seen.deadLetters();
        if (letters.grewAt() == 0 || seen.now() - letters.grewAt() > REMEMBERED.toMillis()) {
            return;
        }
        String classes = letters.classes().isEmpty() ? "" : " (" + letters.classes() + ")";
        String text =
                "%s now%s, the last one at %s. Their senders have an error reply if they gave an address for it. Look at BactrianFailureClass and BactrianReason of the dead letters, and send them again once the cause is gone."
                        .formatted(howMany(letters.count()), classes, AlertWords.at(letters.grewAt(), seen.now()));
        conditions.accept(Condition.of(AlertKind.DEAD_LETTERS, "dead", text));
    }

    private static String howMany(long count) {
        return count == 1
                ? "1 message could not be answered and is a dead letter"
                : count + " messages could not be answered and are dead letters";
    }
}
