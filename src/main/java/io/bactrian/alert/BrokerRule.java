package io.bactrian.alert;

import io.bactrian.alert.Observation.BrokerTrouble;
import java.util.function.Consumer;

/** The rule about a broker that requests cannot be taken from. Stateless. */
final class BrokerRule implements Rule {

    @Override
    public void check(Observation seen, Consumer<Condition> conditions) {
        BrokerTrouble trouble = seen.brokerTrouble();
        if (trouble == null) {
            return;
        }
        String text =
                "No request is taken from the queue since %s: %s. Requests over HTTP are answered. The gateway tries again by itself; requests that are on the queue stay there until then."
                        .formatted(AlertWords.at(trouble.since(), seen.now()), trouble.why());
        conditions.accept(Condition.of(AlertKind.QUEUE_UNUSABLE, "broker", text));
    }
}
