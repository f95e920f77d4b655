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
 * Every call that was made to a provider for one request, in the order in which they began. Written by whoever makes the calls,
 * which may be several at once; read by any.
 */
public final class AttemptTrail {
    private final List<Entry> entries = new CopyOnWriteArrayList<>();

    /** The place of one call, from its beginning on. */
    public static final class Entry {
        private final String target;
        private volatile boolean begun;
        private volatile boolean sent;
        private volatile @Nullable CallRecord call;

        private Entry(String target) {
            this.target = target;
        }

        /** The call begins. */
        void begin() {
            begun = true;
        }

        /** The provider may see it from now on. */
        void sent() {
            sent = true;
        }

        public boolean isOpen() {
            return begun && call == null;
        }

        /** A call that was cancelled before the provider could see it was none. */
        public void failed(Failure failure, long millis, @Nullable Usage usage) {
            if (failure.type() == FailureClass.CANCELLED && !sent) {
                begun = false;
                return;
            }
            call = new CallRecord(target, failure.type().name(), failure, failure.status(), millis, usage);
        }

        public void answered(String outcome, int status, long millis, @Nullable Usage usage) {
            call = new CallRecord(target, outcome, null, status, millis, usage);
        }
    }

    /** Notes a call that begins. */
    public Entry open(String target) {
        Entry entry = reserve(target);
        entry.begin();
        return entry;
    }

    /** Keeps a place for a call that may begin: of several that begin at once the order is the chain's. */
    Entry reserve(String target) {
        Entry entry = new Entry(target);
        entries.add(entry);
        return entry;
    }

    /** The calls that are over. */
    public List<CallRecord> calls() {
        List<CallRecord> over = new ArrayList<>(entries.size());
        for (Entry entry : entries) {
            CallRecord call = entry.call;
            if (call != null) {
                over.add(call);
            }
        }
        return over;
    }

    /** What the first failed call failed of; null if none failed. That it lost a race is no cause. */
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

    /** Whether every call failed of this class, and there was one. */
    public boolean allOf(FailureClass type) {
        List<CallRecord> calls = calls();
        return !calls.isEmpty()
                && calls.stream()
                        .allMatch(c -> c.failure() != null && c.failure().type() == type);
    }

    /** As in {@code x-bactrian-attempts}, when all is over: a call that has not noticed yet has been cancelled. */
    public String label() {
        return label(null, true);
    }

    /**
     * The same in the midst of it.
     *
     * @param answering the call whose content has begun to flow: what else is under way has lost; null if there is none, and
     *     calls under way are not told
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
