package io.bactrian.health;

import io.bactrian.config.Target;
import io.bactrian.policy.Failure;

/** An observer of calls to providers, such as a counter. Thread-safe. */
public interface CallObserver {

    /** Called when a call failed. */
    void failed(Target target, Failure failure, long millis);

    /** Called when a call succeeded. */
    void answered(Target target, long millis);

    /** Called when an event of a stream was not JSON and has been skipped. */
    void malformed(Target target);
}
