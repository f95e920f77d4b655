/**
 * The command {@code --try-queue}: puts requests on the queue of the configuration and counts their replies. Begin with
 * {@link io.bactrian.tryout.Tryout}, a client of the broker like any other; {@link io.bactrian.tryout.TryoutTally} says whether a
 * request was lost or answered twice.
 *
 * <p>The package knows JMS and the names of the queues, but neither Camel nor how requests are answered.
 */
@NullMarked
package io.bactrian.tryout;

import org.jspecify.annotations.NullMarked;
