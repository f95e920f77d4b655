package io.bactrian.chat;

import io.bactrian.fallback.Failure;
import io.bactrian.fallback.FailureClass;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Every call that was made to a provider for one request, in order. Written by the request's thread, read by any. */
public final class Trail {
    private final List<Call> calls = new CopyOnWriteArrayList<>();

    /**
     * One call.
     *
     * @param failure null for the one that answered
     * @param outcome the class as labels name it; {@code OK} for the one that answered
     * @param status the HTTP status that came, 0 if none did
     * @param usage the tokens it cost, null if unknown
     */
    public record Call(
            String target,
            String outcome,
            @Nullable Failure failure,
            int status,
            long millis,
            @Nullable Usage usage) {}

    public void failed(String target, Failure failure, long millis) {
        failed(target, failure, millis, null);
    }

    public void failed(String target, Failure failure, long millis, @Nullable Usage usage) {
        calls.add(new Call(target, failure.type().name(), failure, failure.status(), millis, usage));
    }

    public void answered(String target, String outcome, int status, long millis, @Nullable Usage usage) {
        calls.add(new Call(target, outcome, null, status, millis, usage));
    }

    public List<Call> calls() {
        return calls;
    }

    /** What the first failed call failed of; null if none failed. */
    public @Nullable Failure firstCause() {
        for (Call call : calls) {
            if (call.failure() != null) {
                return call.failure();
            }
        }
        return null;
    }

    /** Whether every call failed of this class, and there was one. */
    public boolean allOf(FailureClass type) {
        return !calls.isEmpty()
                && calls.stream()
                        .allMatch(c -> c.failure() != null && c.failure().type() == type);
    }

    /**
     * As in {@code x-bactrian-attempts}.
     *
     * @param answering the target of a call under way whose content has begun to flow, null if there is none
     */
    public String label(@Nullable String answering) {
        StringBuilder out = new StringBuilder();
        for (Call call : calls) {
            out.append(out.isEmpty() ? "" : ", ")
                    .append(call.target())
                    .append('=')
                    .append(call.outcome());
        }
        if (answering != null) {
            out.append(out.isEmpty() ? "" : ", ").append(answering).append("=OK");
        }
        return out.toString();
    }

    @Override
    public String toString() {
        return label(null);
    }
}
