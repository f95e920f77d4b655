package io.bactrian.alert;

/**
 * A message about an alert, for the channels.
 *
 * @param subject what the alert is about, such as the name of a target
 * @param time when the message was made, epoch milliseconds
 * @param drill true if operators or callers caused the alert on purpose; such a message goes to the log only
 */
public record AlertMessage(State state, Alert alert, AlertKind kind, String subject, long time, boolean drill) {

    /** The step of an alert that a message tells of. */
    public enum State {
        OPEN,
        /** It is still open, or open again. */
        UPDATE,
        RESOLVED
    }

    /** The first sentence of the text without its end, for a title. */
    public String headline() {
        String text = alert.text();
        int end = text.indexOf(". ");
        String first = end < 0 ? text.replaceFirst("\\.$", "") : text.substring(0, end);
        return state == State.RESOLVED && !first.startsWith("Resolved") ? "Resolved: " + first : first;
    }
}
