package io.bactrian.request;

import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.CallRecord;
import io.bactrian.protocol.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The trail of one request: every call that was made to a provider, in the order in which the calls began. Thread-safe: calls
 * made at once write an entry each, and any thread may read.
 */
public final class AttemptTrail {
    private final List<Entry> entries = new CopyOnWriteArrayList<>();

    /** The entry of one call. Written by the thread that makes the call. */
    public static final class Entry {
        private final String target;
        private volatile boolean begun;
        private volatile long begunAt;
        private volatile long endedAt;
        private volatile boolean sent;
        private volatile @Nullable CallRecord call;
        private CallTrace trace = CallTrace.NONE;

        private Entry(String target) {
            this.target = target;
        }

        void begin() {
            begin(CallTrace.NONE);
        }

        void begin(CallTrace callTrace) {
            trace = callTrace;
            begunAt = System.nanoTime();
            begun = true;
        }

        /** Notes that the call is being sent: from now on the provider may see it. */
        void sent() {
            sent = true;
        }

        /** True if the call has begun and not ended. */
        public boolean isOpen() {
            return begun && call == null;
        }

        /** Records a failure. A call that was cancelled before the provider could see it leaves no record. */
        public void failed(Failure failure, long millis, @Nullable Usage usage) {
            if (failure.type() == FailureClass.CANCELLED && !sent) {
                begun = false;
                return;
            }
            end(new CallRecord(target, failure.type().name(), failure, failure.status(), millis, usage));
        }

        /** Records the call that answered. */
        public void answered(String outcome, int status, long millis, @Nullable Usage usage) {
            end(new CallRecord(target, outcome, null, status, millis, usage));
        }

        private void end(CallRecord ended) {
            endedAt = System.nanoTime();
            call = ended;
            trace.end(ended);
        }
    }

    /** Adds an entry for a call that begins and is not traced. */
    public Entry open(String target) {
        return open(target, CallTrace.NONE);
    }

    /** Adds an entry for a call that begins. */
    Entry open(String target, CallTrace trace) {
        Entry entry = reserve(target);
        entry.begin(trace);
        return entry;
    }

    /** Adds an entry for a call that may begin, so that the entries of a group have the order of the chain. */
    Entry reserve(String target) {
        Entry entry = new Entry(target);
        entries.add(entry);
        return entry;
    }

    /** The records of the calls that have ended. */
    public List<CallRecord> calls() {
        List<CallRecord> calls = new ArrayList<>(entries.size());
        for (Entry entry : entries) {
            CallRecord call = entry.call;
            if (call != null) {
                calls.add(call);
            }
        }
        return calls;
    }

    /** The times of the calls that have ended. */
    public List<Span> spans() {
        List<Span> spans = new ArrayList<>(entries.size() + 1);
        for (Entry entry : entries) {
            if (entry.call != null) {
                spans.add(new Span(entry.begunAt, entry.endedAt));
            }
        }
        return spans;
    }

    /** The first failure that is not a cancellation, else the first cancellation; null if no call failed. */
    public @Nullable Failure firstCause() {
        Failure cancelled = null;
        for (CallRecord call : calls()) {
            Failure failure = call.failure();
            if (failure != null && failure.type() != FailureClass.CANCELLED) {
                return failure;
            }
            cancelled = cancelled == null ? failure : cancelled;
        }
        return cancelled;
    }

    /** True if there was a call and every call failed with this class. */
    public boolean allOf(FailureClass type) {
        List<CallRecord> calls = calls();
        return !calls.isEmpty()
                && calls.stream()
                        .allMatch(c -> c.failure() != null && c.failure().type() == type);
    }

    /** The value of {@code x-bactrian-attempts} at the end of the request; a sent call without a record counts as cancelled. */
    public String label() {
        return label(null, true);
    }

    /**
     * The value of {@code x-bactrian-attempts} while the request is running.
     *
     * @param answering the call whose content has begun to flow, so that other open calls have lost; null if there is none, and
     *     then open calls are left out
     */
    public String label(@Nullable Entry answering) {
        return label(answering, answering != null);
    }

    private String label(@Nullable Entry answering, boolean othersLost) {
        StringBuilder out = new StringBuilder();
        for (Entry entry : entries) {
            CallRecord call = entry.call;
            boolean lost = othersLost && entry.sent;
            if (!entry.begun || (call == null && entry != answering && !lost)) {
                continue;
            }
            String outcome = call != null ? call.outcome() : entry == answering ? "OK" : FailureClass.CANCELLED.name();
            out.append(out.isEmpty() ? "" : ", ")
                    .append(entry.target)
                    .append('=')
                    .append(outcome);
        }
        return out.toString();
    }

    @Override
    public String toString() {
        return label();
    }
}
