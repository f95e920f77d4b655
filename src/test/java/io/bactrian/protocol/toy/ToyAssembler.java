package io.bactrian.protocol.toy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.AnswerAssembler;
import io.bactrian.protocol.Json;

/** An assembler of a toy answer from the events of a toy stream. Not thread-safe. */
final class ToyAssembler implements AnswerAssembler {
    private final ObjectNode rest = Json.MAPPER.createObjectNode();
    private final StringBuilder said = new StringBuilder();

    @Override
    public void add(ObjectNode chunk) {
        said.append(chunk.path("say").asText(""));
        rest.setAll(chunk);
        rest.remove("say");
    }

    @Override
    public ObjectNode document() {
        ObjectNode document = Json.MAPPER.createObjectNode().put("said", said.toString());
        document.setAll(rest);
        return document;
    }
}
