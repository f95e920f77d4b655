/**
 * The JMS broker: one in this process, and the connections to it or to another. Begin with {@link io.bactrian.broker.Brokers},
 * which belongs to the process and outlives generations; {@link io.bactrian.broker.BrokerConnections} are what routes use, and
 * {@link io.bactrian.broker.EmbeddedBroker} is the broker that runs where no other is named.
 *
 * <p>The package knows JMS and Artemis, but not Camel, and nothing of what is on the queues.
 */
@NullMarked
package io.bactrian.broker;

import org.jspecify.annotations.NullMarked;
