package io.bactrian.stream;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One server-sent event, or a heartbeat. Not to be changed.
 *
 * @param name the {@code event} field; null if absent
 * @param data the {@code data} lines joined by LF, in UTF-8; null for a heartbeat
 */
public record SseEvent(@Nullable String name, byte @Nullable [] data) {
    static final SseEvent HEARTBEAT = new SseEvent(null, null);

    /** True for a comment, or another sign of a living connection that carries no data. */
    public boolean heartbeat() {
        return data == null;
    }

    @Override
    public String toString() {
        return "SseEvent[" + name + ": " + (data == null ? "" : new String(data, StandardCharsets.UTF_8)) + "]";
    }
}
