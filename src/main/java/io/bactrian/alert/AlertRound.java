package io.bactrian.alert;

import io.bactrian.config.AlertSettings;
import java.time.Clock;
import java.util.List;

/** One look at the gateway after the other: each evaluates the rules. For one thread at a time. */
public final class AlertRound {
    private final Observatory observatory;
    private final AlertBook book;
    private final AlertSettings settings;
    private final Clock clock;

    public AlertRound(Observatory observatory, AlertBook book, AlertSettings settings, Clock clock) {
        this.observatory = observatory;
        this.book = book;
        this.settings = settings;
        this.clock = clock;
    }

    /** Evaluates the rules now; the messages that are due, the most urgent first. */
    public List<AlertMessage> evaluate() {
        long now = clock.millis();
        Observation seen = observatory.look(now);
        return book.evaluate(Rules.check(seen), seen::knows, settings.hold(), settings.repeat(), now);
    }
}
