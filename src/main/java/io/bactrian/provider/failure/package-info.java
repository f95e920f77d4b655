/**
 * What a provider's error means: the body, headers and exceptions of a failed call become a
 * {@link io.bactrian.policy.Failure} of one class. Begin with {@link io.bactrian.provider.failure.Classifier}; its rules stand in
 * {@link io.bactrian.provider.failure.ClassificationRules}.
 *
 * <p>It tolerates every shape, whichever vendor's, and is therefore not split by vendor. What is done about a failure is the
 * business of {@code policy}.
 */
@NullMarked
package io.bactrian.provider.failure;

import org.jspecify.annotations.NullMarked;
