package io.bactrian.alert;

import io.bactrian.alert.Observation.BrokerTrouble;
import java.util.function.Consumer;

/** The rules about the queue's broker: it cannot be used, or it can but has to be seen to. Stateless. */
final class BrokerRule implements Rule {

    @Override
    public void check(Observation seen, Consumer<Condition> conditions) {
        BrokerTrouble trouble = seen.brokerTrouble();
        if (trouble == null) {
            return;
        }
        if (trouble.usable()) {
            String text = "Requests are taken from the queue, but something has to be seen to since %s: %s."
                    .formatted(AlertWords.at(trouble.since(), seen.now()), trouble.why());
            conditions.accept(Condition.of(AlertKind.QUEUE_WARNING, "warning", text));
            return;
        }
        String text =
                "No request is taken from the queue since %s: %s. Requests over HTTP are answered. The gateway tries again by itself; requests that are on the queue stay there until then."
                        .formatted(AlertWords.at(trouble.since(), seen.now()), trouble.why());
        conditions.accept(Condition.of(AlertKind.QUEUE_UNUSABLE, "broker", text));
    }
}
