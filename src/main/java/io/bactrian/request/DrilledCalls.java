package io.bactrian.request;

import io.bactrian.health.DrillFault;
import java.util.List;
import java.util.stream.Collectors;

/** The calls of one request that were not made because a drill failed them. Thread-safe. */
public final class DrilledCalls {
    private volatile List<Call> calls = List.of();

    /** A call that was not made, and the fault that took its place. */
    public record Call(String target, DrillFault fault) {}

    /** Adds a call that a drill fails. */
    public synchronized void add(String target, DrillFault fault) {
        Call[] more = calls.toArray(new Call[calls.size() + 1]);
        more[calls.size()] = new Call(target, fault);
        calls = List.of(more);
    }

    /** The drilled calls, in order. */
    public List<Call> calls() {
        return calls;
    }

    /** The value of {@code x-bactrian-drill}, such as {@code a=429, b=timeout}, without repetitions; empty if there is none. */
    public String label() {
        List<Call> drilled = calls;
        return drilled.isEmpty()
                ? ""
                : drilled.stream()
                        .map(call -> call.target() + "=" + call.fault().name())
                        .distinct()
                        .collect(Collectors.joining(", "));
    }
}
