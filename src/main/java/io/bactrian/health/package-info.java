/**
 * What is known about each target across all requests: circuit breakers, cooldowns, resting keys, remaining quotas, recent
 * latencies and operators' drills. Begin with {@link io.bactrian.health.TargetHealth}, which answers whether a target may be
 * called now. State is kept for each pair of provider and model, bounded, and thread-safe.
 *
 * <p>It knows no Camel, no HTTP and no single request: the request asks here, and tells what its calls met.
 */
@NullMarked
package io.bactrian.health;

import org.jspecify.annotations.NullMarked;
