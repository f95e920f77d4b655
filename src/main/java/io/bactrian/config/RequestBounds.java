package io.bactrian.config;

import java.time.Duration;

/**
 * The bounds of one caller's request and of what all of them hold at once, so that no caller harms another.
 *
 * @param maxBody the most bytes of a request body
 * @param maxBodies the most bytes of all request bodies in flight
 * @param maxNodes the most values and names of a JSON document
 * @param maxDepth the most levels of a JSON document
 * @param maxFallbacks the most entries of a caller's {@code fallbacks}
 * @param maxSchema the most bytes of a JSON schema
 * @param maxSchemaSteps the most steps of one check of a schema or of an answer against it
 * @param maxWaiting the most requests of one caller that wait for a target
 * @param headTimeout the time in which a connection has to send the head of a request
 * @param bodyTimeout the time in which a caller has to send a body
 */
public record RequestBounds(
        long maxBody,
        long maxBodies,
        int maxNodes,
        int maxDepth,
        int maxFallbacks,
        long maxSchema,
        int maxSchemaSteps,
        int maxWaiting,
        Duration headTimeout,
        Duration bodyTimeout) {
    /** What is usual; a quarter of the heap may be bodies. */
    public static final RequestBounds USUAL = new RequestBounds(
            32L << 20,
            Math.max(1L << 20, Runtime.getRuntime().maxMemory() / 4),
            1_000_000,
            1_000,
            50,
            1L << 20,
            200_000,
            50,
            Duration.ofSeconds(30),
            Duration.ofSeconds(60));
}
