package io.bactrian.queue;

import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/** One delivery of a request, from its taking to its end. Belongs to the thread of its consumer. */
final class Delivery {
    private static final String PROPERTY = "bactrianDelivery";

    private final QueueMessage message;
    private byte[] bodyHash = {};
    InFlightRequests.@Nullable Entry entry;
    boolean started;

    @Nullable
    StoredReply reply;

    @Nullable
    QueueOutcome outcome;

    Delivery(QueueMessage message) {
        this.message = message;
    }

    void keepOn(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
    }

    /** The delivery that an exchange began with. */
    static Delivery of(Exchange exchange) {
        if (exchange.getProperty(PROPERTY) instanceof Delivery delivery) {
            return delivery;
        }
        throw new IllegalStateException("No request from a queue on the exchange: bactrian-queue-read comes first.");
    }

    /** The same, once; null if nothing was taken. */
    static @Nullable Delivery end(Exchange exchange) {
        return exchange.removeProperty(PROPERTY) instanceof Delivery delivery ? delivery : null;
    }

    QueueMessage message() {
        return message;
    }

    /** The hash of the body, by which the same request is known when it is delivered again. */
    byte[] bodyHash() {
        return bodyHash;
    }

    void body(byte[] read) {
        bodyHash = Sha256.of(read);
    }
}
