package io.bactrian.fallback;

/**
 * A failed call and what the policy needs to know of it.
 *
 * @param tookMillis how long the call lasted
 * @param anotherKey whether the provider has another key that is well
 * @param staleConnection whether a kept-alive connection was found closed: the keep-alive race, no failure
 */
public record Setback(Failure failure, long tookMillis, boolean anotherKey, boolean staleConnection) {

    public static Setback of(Failure failure) {
        return new Setback(failure, 0, false, false);
    }
}
