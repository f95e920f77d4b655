package io.bactrian.protocol.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.bactrian.protocol.translation.ExactJson;
import io.bactrian.protocol.translation.MessagesEvent;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** A message and the events of its stream. */
class MessagesEventsProperties {

    @Property(tries = 300)
    void message_comes_back_from_its_events(@ForAll("messages") ObjectNode message) {
        MessagesAssembler assembler = new MessagesAssembler();
        MessagesSplitter.events(message).forEach(event -> assembler.add((ObjectNode) event.data()));

        assertThat(assembler.document()).isEqualTo(withoutNulls(message));
    }

    @Property(tries = 300)
    void message_does_not_depend_on_how_its_texts_are_cut(
            @ForAll("messages") ObjectNode message, @ForAll @IntRange(min = 1, max = 5) int size) {
        MessagesAssembler assembler = new MessagesAssembler();
        for (MessagesEvent event : MessagesSplitter.events(message)) {
            cut(event.data(), size, assembler);
        }

        assertThat(assembler.document()).isEqualTo(withoutNulls(message));
    }

    /** The message without the fields of its blocks that are null, which say nothing. */
    private static ObjectNode withoutNulls(ObjectNode message) {
        ObjectNode copy = message.deepCopy();
        copy.path("content").forEach(block -> ((ObjectNode) block).properties().removeIf(field -> field.getValue()
                .isNull()));
        return copy;
    }

    private static void cut(ObjectNode event, int size, MessagesAssembler assembler) {
        for (String field : List.of("text", "thinking", "signature", "partial_json")) {
            String text = ExactJson.text(event.path("delta"), field, null);
            if (text != null) {
                for (int at = 0; at < text.length(); at += size) {
                    ObjectNode piece = event.deepCopy();
                    piece.withObjectProperty("delta")
                            .put(field, text.substring(at, Math.min(text.length(), at + size)));
                    assembler.add(piece);
                }
                return;
            }
        }
        assembler.add(event);
    }

    @Provide
    Arbitrary<ObjectNode> messages() {
        Arbitrary<ArrayNode> content = blocks().list().ofMaxSize(4).map(MessagesEventsProperties::array);
        return Combinators.combine(content, trees(), trees(), objects()).as((blocks, last, container, usage) -> {
            ObjectNode message = ExactJson.object()
                    .put("id", "msg_1")
                    .put("type", "message")
                    .put("role", "assistant")
                    .put("model", "m");
            for (int i = 0; i < blocks.size(); i++) {
                if (blocks.get(i).path("type").asText().equals("tool_use")) {
                    ((ObjectNode) blocks.get(i)).put("id", "toolu_" + i).put("name", "f");
                }
            }
            message.set("content", blocks);
            message.set("stop_reason", last);
            message.set("container", container);
            message.set("usage", usage.put("input_tokens", 3).put("output_tokens", 4));
            return message;
        });
    }

    private static Arbitrary<ObjectNode> blocks() {
        return Combinators.combine(
                        Arbitraries.of(
                                "text",
                                "thinking",
                                "redacted_thinking",
                                "tool_use",
                                "server_tool_use",
                                "never_heard_of"),
                        objects(),
                        objects(),
                        Arbitraries.strings())
                .as((type, block, input, text) -> {
                    block.put("type", type);
                    block.set("input", input);
                    return type.equals("never_heard_of")
                            ? block
                            : block.put("text", text).put("thinking", text);
                });
    }

    private static Arbitrary<ObjectNode> objects() {
        Arbitrary<String> names =
                Arbitraries.of("text", "thinking", "signature", "citations", "input", "content", "name", "x");
        return Arbitraries.maps(names, trees()).ofMaxSize(4).map(fields -> ExactJson.object()
                .<ObjectNode>setAll(fields));
    }

    private static Arbitrary<JsonNode> trees() {
        Arbitrary<JsonNode> leaves = Arbitraries.oneOf(
                Arbitraries.strings().map(TextNode::valueOf),
                Arbitraries.integers().map(IntNode::valueOf),
                Arbitraries.of(true, false).map(BooleanNode::valueOf),
                Arbitraries.just(NullNode.getInstance()));
        return Arbitraries.recursive(
                () -> leaves,
                inner -> Arbitraries.oneOf(
                        inner,
                        inner.list().ofMaxSize(3).map(MessagesEventsProperties::array),
                        inner.map(tree -> ExactJson.object().<ObjectNode>set("y", tree))),
                0,
                2);
    }

    private static ArrayNode array(List<? extends JsonNode> nodes) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        nodes.forEach(array::add);
        return array;
    }
}
