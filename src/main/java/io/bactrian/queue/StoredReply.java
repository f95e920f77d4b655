package io.bactrian.queue;

import io.bactrian.protocol.Problem;
import io.bactrian.routing.MessageHeaders;
import java.util.Map;
import org.apache.camel.Message;

/**
 * A reply as it is sent, and stored until it is safe. Not changed after creation.
 *
 * @param body the answer or the error document, in UTF-8
 * @param properties the properties of the message, whose names begin with {@code Bactrian}
 */
public record StoredReply(byte[] body, Map<String, String> properties) {
    public StoredReply {
        properties = Map.copyOf(properties);
    }

    /** The answer that {@code direct:chat} has left in a message. */
    static StoredReply answer(Message message) {
        return new StoredReply(message.getBody(byte[].class), MessageHeaders.outcome(message));
    }

    /** An error in place of an answer, with what {@code direct:chat} says of the calls. */
    static StoredReply error(Message message, Problem problem) {
        Map<String, String> properties = MessageHeaders.outcome(message);
        properties.put(MessageHeaders.STATUS, Integer.toString(problem.status()));
        return new StoredReply(MessageHeaders.error(problem), properties);
    }

    /** The calls that were made, as the reply tells of them. */
    String attempts() {
        return properties.getOrDefault(MessageHeaders.ATTEMPTS, "");
    }
}
