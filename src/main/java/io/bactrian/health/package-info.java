/**
 * The knowledge about each target across all requests: circuit breakers, cooldowns, keys, remaining quotas, connection
 * permits, recent latencies and the drills of operators. Begin with {@link io.bactrian.health.TargetHealth}, which
 * answers whether a target may be called now, and {@link io.bactrian.health.CallOutcomes}, which learns from every
 * call. How long a breaker stays open the first time is a limit of {@code config}, the doubling is in
 * {@link io.bactrian.health.Breakers}. The state is bounded and thread-safe.
 *
 * <p>It must not know Camel, HTTP or a request: the steps of a request ask here, and report the outcome of its calls.
 */
@NullMarked
package io.bactrian.health;

import org.jspecify.annotations.NullMarked;
