/**
 * The fallback policy: the failure classes, the plan of a request, and the decision about its next step. Begin with
 * {@link io.bactrian.policy.FallbackPolicy}; {@link io.bactrian.policy.Plan} is the state that it decides on.
 *
 * <p>It is pure: the time, the availability of targets and random numbers are passed in. It must not know Camel, HTTP
 * or the error formats of providers.
 */
@NullMarked
package io.bactrian.policy;

import org.jspecify.annotations.NullMarked;
