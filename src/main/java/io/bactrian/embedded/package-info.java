/**
 * The engine in the Camel context of any application that has the jar on its class path. Begin with
 * {@link io.bactrian.embedded.EmbeddedPlugin}, which Camel calls for each context; {@link io.bactrian.embedded.EmbeddedEngine} starts
 * and stops an engine with it, and {@link io.bactrian.embedded.ChatBridge} is all that the two have in common.
 *
 * <p>It must leave the application as it is: nothing is bound, set or routed in its context but the consumer of {@code direct:chat}.
 */
@NullMarked
package io.bactrian.embedded;

import org.jspecify.annotations.NullMarked;
