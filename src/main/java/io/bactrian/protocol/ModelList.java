package io.bactrian.protocol;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;

/** The list of models in the canonical form. Stateless. */
final class ModelList {
    private ModelList() {}

    static ObjectNode model(String name, Instant since) {
        return Json.MAPPER
                .createObjectNode()
                .put("id", name)
                .put("object", "model")
                .put("created", since.getEpochSecond())
                .put("owned_by", "bactrian");
    }

    static ObjectNode of(List<String> names, Instant since) {
        ObjectNode list = Json.MAPPER.createObjectNode().put("object", "list");
        ArrayNode data = list.putArray("data");
        names.forEach(name -> data.add(model(name, since)));
        return list;
    }
}
