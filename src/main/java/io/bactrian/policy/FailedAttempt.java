package io.bactrian.policy;

/**
 * A failed call and the circumstances that the policy considers.
 *
 * @param tookMillis the duration of the call
 * @param anotherKey true if the provider has another usable key for this target
 * @param staleConnection true if a kept-alive connection turned out to be closed: the keep-alive race, which is no
 *     failure
 * @param anotherWay the possibility to ask the target in another way
 * @param committed true if part of the answer was sent to the caller, so that it can only be finished
 */
public record FailedAttempt(
        Failure failure,
        long tookMillis,
        boolean anotherKey,
        boolean staleConnection,
        AnotherWay anotherWay,
        boolean committed) {

    /** The possibility to ask a target in another way than the one that failed. */
    public enum AnotherWay {
        NO,
        /** The target rejected nothing but the way it was asked: ask again at once. */
        NOW,
        /** The other way is a worse one: ask the other candidates first. */
        LATER
    }

    public FailedAttempt(Failure failure, long tookMillis, boolean anotherKey, boolean staleConnection) {
        this(failure, tookMillis, anotherKey, staleConnection, AnotherWay.NO, false);
    }

    public static FailedAttempt of(Failure failure) {
        return new FailedAttempt(failure, 0, false, false);
    }
}
