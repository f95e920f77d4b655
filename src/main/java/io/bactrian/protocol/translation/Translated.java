package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * A request in the other dialect.
 *
 * @param body belongs to the caller and may be changed
 * @param dropped the harmless fields that were left out, each once
 */
public record Translated(ObjectNode body, List<String> dropped) {
    public Translated {
        dropped = List.copyOf(dropped);
    }
}
