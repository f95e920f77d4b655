package io.bactrian.request;

import io.bactrian.health.DrillFault;
import io.bactrian.protocol.CallRecord;
import java.util.Map;

/**
 * The trace of one call to a provider. Every method does nothing by default. Used by the thread that makes the call; one that
 * is never ended, because its provider could not see the call, leaves nothing.
 */
public interface CallTrace {
    /** The trace of every call that is not traced. */
    CallTrace NONE = new CallTrace() {};

    /** The headers that let the provider go on with the trace; empty if the call is not traced. */
    default Map<String, String> headers() {
        return Map.of();
    }

    /** Notes that a drill fails the call in the provider's place. */
    default void drilled(DrillFault fault) {}

    /** Reads the name of the model in a document or an event that came. Its content is not looked at. */
    default void received(byte[] json) {}

    /** Notes the first content. */
    default void firstContent() {}

    /** Ends the trace. */
    default void end(CallRecord call) {}
}
