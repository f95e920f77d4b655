package io.bactrian.channel;

import io.bactrian.alert.Alert;
import io.bactrian.alert.AlertKind;
import io.bactrian.alert.AlertMessage;
import io.bactrian.alert.Severity;

/** Messages for tests of the channels. Stateless. */
final class TestAlerts {
    static final long SINCE = 1_800_000_000_000L;

    private TestAlerts() {}

    static AlertMessage message(String id, String key, AlertMessage.State state, String text) {
        boolean over = state == AlertMessage.State.RESOLVED;
        Alert alert = new Alert(id, key, Severity.WARNING, text, SINCE, over ? (Long) (SINCE + 60_000) : null, 1, null);
        return new AlertMessage(state, alert, AlertKind.TARGET_DOWN, "a/m", SINCE + 1_000, false);
    }
}
