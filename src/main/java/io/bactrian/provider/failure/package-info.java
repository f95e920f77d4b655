/**
 * The classification of failed calls: body, headers and exceptions become a {@link io.bactrian.policy.Failure} of one
 * class. Begin with {@link io.bactrian.provider.failure.Classifier}; its rules stand in
 * {@link io.bactrian.provider.failure.ClassificationRules}.
 *
 * <p>It accepts the error shapes of all vendors and is therefore not split by vendor. It must not know how the request
 * goes on after a failure, which {@code policy} decides.
 */
@NullMarked
package io.bactrian.provider.failure;

import org.jspecify.annotations.NullMarked;
