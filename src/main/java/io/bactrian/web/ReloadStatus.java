package io.bactrian.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.Json;
import java.time.Instant;
import java.util.List;

/** When the program started and the configuration that serves was loaded, and what is wrong with a later one. Thread-safe. */
public final class ReloadStatus {
    private final long startedAt;
    private volatile State state;

    /** @param now epoch milliseconds */
    public ReloadStatus(long now) {
        startedAt = now;
        state = new State(now, 0, List.of());
    }

    /**
     * How it stands.
     *
     * @param loadedAt epoch milliseconds
     * @param refusedAt epoch milliseconds, of the mistakes
     * @param mistakes empty if the last change was good
     */
    private record State(long loadedAt, long refusedAt, List<String> mistakes) {}

    /** A configuration serves from now on. */
    public void loaded(long now) {
        state = new State(now, 0, List.of());
    }

    /** A later one was refused; the one that served still does. */
    public void refused(long now, List<String> mistakes) {
        state = new State(state.loadedAt(), now, List.copyOf(mistakes));
    }

    /** The refused one is gone. */
    public void withdrawn() {
        state = new State(state.loadedAt(), 0, List.of());
    }

    long startedAt() {
        return startedAt;
    }

    ObjectNode document() {
        State seen = state;
        ObjectNode document = Json.MAPPER
                .createObjectNode()
                .put("loadedAt", Instant.ofEpochMilli(seen.loadedAt()).toString());
        if (!seen.mistakes().isEmpty()) {
            document.put("lastError", String.join("\n", seen.mistakes()))
                    .put("lastErrorAt", Instant.ofEpochMilli(seen.refusedAt()).toString());
        }
        return document;
    }
}
