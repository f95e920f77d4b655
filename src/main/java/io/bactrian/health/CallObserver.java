package io.bactrian.health;

import io.bactrian.config.Target;
import io.bactrian.policy.Failure;

/** An observer of calls to providers, such as a counter. It is told of everything, and need not care. Thread-safe. */
public interface CallObserver {

    /** Called when a call failed. */
    default void failed(Target target, Failure failure, long millis) {}

    /** Called when a call succeeded. */
    default void answered(Target target, long millis) {}

    /** Called when the first content of a streamed answer has come. */
    default void firstToken(Target target, long millis) {}

    /** Called when an event of a stream was not JSON and has been skipped. */
    default void malformed(Target target) {}

    /** Called when a probe of the health monitor has ended. */
    default void probed(ProbeResult result) {}
}
