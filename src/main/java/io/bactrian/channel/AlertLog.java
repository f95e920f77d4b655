package io.bactrian.channel;

import io.bactrian.alert.AlertJson;
import io.bactrian.alert.AlertMessage;
import io.bactrian.alert.Severity;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The log of alerts, with one line for each message: ERROR, WARN or INFO by its severity. Stateless. */
final class AlertLog {
    private static final Logger LOG = LoggerFactory.getLogger("bactrian.alerts");

    private AlertLog() {}

    static void write(AlertMessage message) {
        String state = AlertJson.lower(message.state());
        String severity = AlertJson.lower(message.alert().severity());
        String key = message.alert().key();
        String text = message.alert().text();
        if (message.state() == AlertMessage.State.RESOLVED || message.alert().severity() == Severity.INFO) {
            LOG.info("{} {} {}: {}", state, severity, key, text);
        } else if (message.alert().severity() == Severity.WARNING) {
            LOG.warn("{} {} {}: {}", state, severity, key, text);
        } else {
            LOG.error("{} {} {}: {}", state, severity, key, text);
        }
    }
}
