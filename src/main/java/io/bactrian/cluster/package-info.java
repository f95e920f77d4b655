/**
 * Breakers and cooldowns that several gateways on one broker have in common. Begin with
 * {@link io.bactrian.cluster.OtherNodes}, the rules by which a node believes the others; {@link io.bactrian.cluster.NodeReport}
 * is one message, {@link io.bactrian.cluster.NodeReporter} sends them, and {@link io.bactrian.cluster.Cluster} applies them.
 *
 * <p>The package knows neither Camel nor JMS. It must not decide about a request: it only changes breakers and cooldowns.
 */
@NullMarked
package io.bactrian.cluster;

import org.jspecify.annotations.NullMarked;
