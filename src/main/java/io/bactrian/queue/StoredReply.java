package io.bactrian.queue;

import java.util.Map;

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
}
