/**
 * Requests from a message queue: each is answered once, in the transaction that took it. Begin with {@code routes/queue.camel.yaml}
 * and {@link io.bactrian.queue.QueueSteps}, its steps; {@link io.bactrian.queue.AnswerLedger} keeps the answers until their
 * replies are safe.
 *
 * <p>The package knows Camel and JMS, but not how a request gets its answer: it sends it to {@code direct:chat}.
 */
@NullMarked
package io.bactrian.queue;

import org.jspecify.annotations.NullMarked;
