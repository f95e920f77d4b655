package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * A request in the other protocol.
 *
 * @param body the request, which belongs to the receiver and may be changed
 * @param dropped the harmless fields that were left out, each once
 */
public record Translated(ObjectNode body, List<String> dropped) {
    public Translated {
        dropped = List.copyOf(dropped);
    }
}
