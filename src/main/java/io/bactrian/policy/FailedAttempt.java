package io.bactrian.policy;

/**
 * A failed call and what the policy needs to know of it.
 *
 * @param tookMillis how long the call lasted
 * @param anotherKey whether the provider has another key that is well for this target
 * @param staleConnection whether a kept-alive connection was found closed: the keep-alive race, no failure
 * @param anotherWay whether the target may be asked in another way
 * @param spoken whether words of the answer have reached the caller, so that it can only be finished
 */
public record FailedAttempt(
        Failure failure,
        long tookMillis,
        boolean anotherKey,
        boolean staleConnection,
        AnotherWay anotherWay,
        boolean committed) {

    /** Whether a target can be asked in another way than the one that failed. */
    public enum AnotherWay {
        NO,
        /** It refused nothing but how it was asked: at once. */
        NOW,
        /** The other way is a worse one: the others first. */
        LATER
    }

    public FailedAttempt(Failure failure, long tookMillis, boolean anotherKey, boolean staleConnection) {
        this(failure, tookMillis, anotherKey, staleConnection, AnotherWay.NO, false);
    }

    public static FailedAttempt of(Failure failure) {
        return new FailedAttempt(failure, 0, false, false);
    }
}
