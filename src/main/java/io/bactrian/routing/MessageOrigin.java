package io.bactrian.routing;

import io.bactrian.trace.Traces;
import java.util.Set;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;

/** The origin of a message to {@code direct:chat}, as its trace names it. Stateless. */
final class MessageOrigin {
    private static final Set<String> MESSAGING = Set.of(
            "jms",
            "activemq",
            "activemq6",
            "amqp",
            "sjms",
            "sjms2",
            "kafka",
            "spring-rabbitmq",
            "mqtt",
            "paho-mqtt5",
            "nats");

    private MessageOrigin() {}

    /** The origin of a message: the queue or topic from which the calling route consumes, if it does. */
    static Traces.ChatMessage of(Exchange exchange, String id) {
        Endpoint from = exchange.getFromEndpoint();
        String[] parts =
                from == null ? new String[0] : from.getEndpointBaseUri().split(":/*", 2);
        boolean consumed = parts.length == 2 && MESSAGING.contains(parts[0]);
        return new Traces.ChatMessage(
                id,
                consumed ? parts[0] : null,
                consumed ? parts[1].replaceFirst("^(queue|topic):/*", "") : null,
                name -> exchange.getMessage().getHeader(name, String.class));
    }
}
