package io.bactrian.request;

import io.bactrian.health.DrillFault;
import java.util.List;
import java.util.stream.Collectors;

/** The calls of one request that a drill has failed in the provider's place. Written by the request's thread, read by any. */
public final class DrilledCalls {
    private volatile List<Call> calls = List.of();

    /** One of them. */
    public record Call(String target, DrillFault fault) {}

    /** Notes a call that is not made. */
    public synchronized void add(String target, DrillFault fault) {
        Call[] more = calls.toArray(new Call[calls.size() + 1]);
        more[calls.size()] = new Call(target, fault);
        calls = List.of(more);
    }

    public List<Call> calls() {
        return calls;
    }

    /** As in {@code x-bactrian-drill}: {@code a=429, b=timeout}, each once; empty if there was none. */
    public String label() {
        List<Call> met = calls;
        return met.isEmpty()
                ? ""
                : met.stream()
                        .map(call -> call.target() + "=" + call.fault().name())
                        .distinct()
                        .collect(Collectors.joining(", "));
    }
}
