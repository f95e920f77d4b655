/**
 * The knowledge about each target across all requests: circuit breakers, cooldowns, resting keys, remaining quotas,
 * recent latencies and the drills of operators. Begin with {@link io.bactrian.health.TargetHealth}, which answers
 * whether a target may be called now. State is kept for each pair of provider and model, bounded, and thread-safe.
 *
 * <p>It must not know Camel, HTTP or a single request: the steps of a request ask here, and report the outcome of its
 * calls.
 */
@NullMarked
package io.bactrian.health;

import org.jspecify.annotations.NullMarked;
