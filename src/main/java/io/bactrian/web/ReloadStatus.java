package io.bactrian.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.alert.Observatory.RefusedConfiguration;
import io.bactrian.protocol.Json;
import java.time.Instant;
import java.util.List;

/** The status of the configuration: when the one that serves was loaded, and the errors of a later one. Thread-safe. */
public final class ReloadStatus implements RefusedConfiguration {
    private final long startedAt;
    private volatile State state;

    /** @param now the start of the program, epoch milliseconds */
    public ReloadStatus(long now) {
        startedAt = now;
        state = new State(now, 0, List.of());
    }

    /**
     * One state.
     *
     * @param loadedAt when the configuration that serves was loaded, epoch milliseconds
     * @param refusedAt when a later one was rejected, epoch milliseconds; 0 if none was
     * @param mistakes the errors of the rejected one; empty if none was
     */
    private record State(long loadedAt, long refusedAt, List<String> mistakes) {}

    /** Notes that a new configuration serves. */
    public void loaded(long now) {
        state = new State(now, 0, List.of());
    }

    /** Notes that a later configuration was rejected; the previous one keeps serving. */
    public void refused(long now, List<String> mistakes) {
        state = new State(state.loadedAt(), now, List.copyOf(mistakes));
    }

    /** Notes that the rejected configuration is gone: the files are those of the one that serves. */
    public void withdrawn() {
        state = new State(state.loadedAt(), 0, List.of());
    }

    /** The start of the program, epoch milliseconds. */
    long startedAt() {
        return startedAt;
    }

    @Override
    public long refusedAt() {
        return state.refusedAt();
    }

    @Override
    public List<String> mistakes() {
        return state.mistakes();
    }

    /** The status as JSON: {@code loadedAt}, and {@code lastError} and {@code lastErrorAt} if there is an error. */
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
