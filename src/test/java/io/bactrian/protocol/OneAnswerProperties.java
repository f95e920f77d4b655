package io.bactrian.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.policy.CallFailed;
import io.bactrian.protocol.anthropic.Messages;
import io.bactrian.protocol.anthropic.MessagesProvider;
import io.bactrian.protocol.openai.ChatCompletions;
import io.bactrian.protocol.openai.ChatProvider;
import io.bactrian.testing.AnswerReading;
import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.WrittenResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The same words and calls for every caller, as a document and as a stream, however the provider writes them. */
class OneAnswerProperties {
    private static final byte[] CHAT_REQUEST =
            "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}".getBytes(StandardCharsets.UTF_8);
    private static final byte[] MESSAGES_REQUEST =
            "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"
                    .getBytes(StandardCharsets.UTF_8);

    private static final ProviderProtocol CHAT = new ChatProvider();
    private static final ProviderProtocol MESSAGES = new MessagesProvider(Clock.systemUTC());

    @Property(tries = 1000)
    void chat_stream_is_one_answer(@ForAll("answers") List<Said> answer, @ForAll("chats") OddChat server) {
        List<ObjectNode> chunks = server.chunks(answer);

        assertThatAllRead(CHAT, chunks, answer, false);
    }

    @Property(tries = 1000)
    void messages_stream_is_one_answer(@ForAll("answers") List<Said> answer, @ForAll("servers") OddMessages server) {
        List<ObjectNode> events = server.events(answer);

        assertThatAllRead(MESSAGES, events, answer, true);
    }

    @Property(tries = 100)
    void ordinary_stream_passes_as_its_own_bytes(@ForAll("answers") List<Said> answer) {
        List<AnswerChunk> chat = chunks(CHAT, ChatCompletions.PROTOCOL, OddChat.ORDINARY.chunks(answer));
        List<AnswerChunk> messages = chunks(MESSAGES, Messages.PROTOCOL, OddMessages.ORDINARY.events(answer));

        assertThat(bytes(chat)).isEqualTo(written(OddChat.ORDINARY.chunks(answer)));
        assertThat(bytes(messages)).isEqualTo(written(OddMessages.ORDINARY.events(answer)));
    }

    @Property(tries = 500)
    void mended_stream_is_in_order(
            @ForAll("answers") List<Said> answer,
            @ForAll("chats") OddChat chat,
            @ForAll("servers") OddMessages server) {
        List<AnswerChunk> once = chunks(CHAT, ChatCompletions.PROTOCOL, chat.chunks(answer));
        List<AnswerChunk> events = chunks(MESSAGES, Messages.PROTOCOL, server.events(answer));

        assertThat(bytes(chunks(CHAT, ChatCompletions.PROTOCOL, trees(once)))).isEqualTo(bytes(once));
        assertThat(bytes(chunks(MESSAGES, Messages.PROTOCOL, trees(events)))).isEqualTo(bytes(events));
    }

    @Property(tries = 1000)
    void no_event_is_too_odd(
            @ForAll("answers") List<Said> answer,
            @ForAll("chats") OddChat chat,
            @ForAll("servers") OddMessages server,
            @ForAll long seed) {
        Random random = new Random(seed);
        for (CallerProtocol caller : List.of(ChatCompletions.PROTOCOL, Messages.PROTOCOL)) {
            List<ObjectNode> odd = garbled(chat.chunks(answer), random);
            List<ObjectNode> events = garbled(server.events(answer), random);
            for (List<AnswerChunk> chunks : List.of(sound(CHAT, caller, odd), sound(MESSAGES, caller, events))) {
                if (!chunks.isEmpty()) {
                    stream(caller, chunks);
                    document(caller, chunks);
                }
            }
        }
    }

    /** The events with one value of each replaced by another one. */
    private static List<ObjectNode> garbled(List<ObjectNode> events, Random random) {
        for (ObjectNode event : events) {
            garble(event, random);
        }
        return events;
    }

    private static void garble(JsonNode node, Random random) {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        if (node instanceof ArrayNode list) {
            if (!list.isEmpty() && random.nextInt(3) > 0) {
                garble(list.get(random.nextInt(list.size())), random);
            } else {
                list.add(any(random));
            }
        } else if (node instanceof ObjectNode object && !names.isEmpty()) {
            String name = names.get(random.nextInt(names.size()));
            if (object.get(name).isContainerNode() && random.nextInt(4) > 0) {
                garble(object.get(name), random);
            } else {
                object.set(name, any(random));
            }
        }
    }

    private static JsonNode any(Random random) {
        String[] values = {
            "null", "true", "-1", "7.5", "99999999999", "\"\"", "\"x\"", "[]", "{}", "[1,{}]", "{\"text\":5}"
        };
        return Objects.requireNonNull(
                Json.parse(values[random.nextInt(values.length)].getBytes(StandardCharsets.UTF_8)));
    }

    private static void assertThatAllRead(
            ProviderProtocol provider, List<ObjectNode> events, List<Said> answer, boolean ordered) {
        for (Caller caller : Caller.values()) {
            CallerProtocol protocol = caller == Caller.CHAT ? ChatCompletions.PROTOCOL : Messages.PROTOCOL;
            List<AnswerChunk> chunks = chunks(provider, protocol, events);
            for (Answer given : List.of(document(protocol, chunks), stream(protocol, chunks))) {
                AnswerReading read = AnswerReading.of(caller, given);
                read.assertWellFormed();
                assertThat(read.text()).as(given.text()).isEqualTo(text(answer));
                assertThat(read.tools()).as(given.text()).isEqualTo(tools(answer));
                if (caller == Caller.MESSAGES && ordered) {
                    assertThat(order(given)).as(given.text()).isEqualTo(order(answer));
                }
            }
        }
    }

    private static List<AnswerChunk> chunks(
            ProviderProtocol provider, CallerProtocol caller, List<ObjectNode> written) {
        ChatRequest request = caller.read(caller == ChatCompletions.PROTOCOL ? CHAT_REQUEST : MESSAGES_REQUEST);
        ProviderProtocol.Events events = provider.events(request, CallOptions.plainly(true));
        List<AnswerChunk> chunks = new ArrayList<>();
        for (ObjectNode one : written) {
            AnswerChunk event = events.read(Json.bytes(one));
            if (event != null) {
                chunks.addAll(events.chunks(event));
            }
        }
        chunks.addAll(events.end());
        // What completes a call at the end of the stream goes out before the reason of the end.
        List<AnswerChunk> ends =
                chunks.stream().filter(OneAnswerProperties::ends).toList();
        chunks.removeAll(ends);
        chunks.addAll(ends);
        return chunks;
    }

    private static boolean ends(AnswerChunk chunk) {
        return chunk.isUsageOnly()
                || chunk.type().equals("message_stop")
                || chunk.choices().stream().anyMatch(choice -> !choice.finish().isEmpty());
    }

    /** The chunks, none if the answer is refused. */
    private static List<AnswerChunk> sound(ProviderProtocol provider, CallerProtocol caller, List<ObjectNode> written) {
        try {
            return chunks(provider, caller, written);
        } catch (CallFailed refused) {
            return List.of();
        }
    }

    private static Answer document(CallerProtocol protocol, List<AnswerChunk> chunks) {
        boolean canonical = chunks.getFirst().isCanonical();
        AnswerAssembler assembler =
                canonical ? ChatCompletions.PROTOCOL.newAssembler() : Messages.PROTOCOL.newAssembler();
        AnswerAssembler byTrees =
                canonical ? ChatCompletions.PROTOCOL.newAssembler() : Messages.PROTOCOL.newAssembler();
        chunks.forEach(assembler::add);
        chunks.forEach(chunk -> byTrees.add((ObjectNode) chunk.tree()));
        ObjectNode document = assembler.document();
        // An id that no chunk has is random.
        assertThat(document.deepCopy().put("id", ""))
                .isEqualTo(byTrees.document().put("id", ""));
        byte[] body = Json.bytes(canonical ? protocol.fromCanonical(document) : document);
        return new Answer(new WrittenResponse("application/json"), body, false, Duration.ZERO);
    }

    private static Answer stream(CallerProtocol protocol, List<AnswerChunk> chunks) {
        StringBuilder out = new StringBuilder();
        EventSink sink = new EventSink() {
            @Override
            public void event(byte[] json) {
                out.append("data: ")
                        .append(new String(json, StandardCharsets.UTF_8))
                        .append("\n\n");
            }

            @Override
            public void event(String name, byte[] json) {
                out.append("event: ").append(name).append('\n');
                event(json);
            }
        };
        StreamWriter writer = protocol.newStreamWriter("r");
        chunks.forEach(chunk -> writer.chunk(chunk, sink));
        writer.complete(sink);
        byte[] body = out.toString().getBytes(StandardCharsets.UTF_8);
        return new Answer(new WrittenResponse("text/event-stream"), body, false, Duration.ZERO);
    }

    private static String text(List<Said> answer) {
        return answer.stream().map(Said::text).collect(Collectors.joining());
    }

    private static ArrayNode tools(List<Said> answer) {
        ArrayNode tools = Json.MAPPER.createArrayNode();
        for (Said said : answer) {
            if (said.tool() != null) {
                tools.addObject().put("name", said.tool()).set("input", said.input());
            }
        }
        return tools;
    }

    /** Texts and calls in their order, neighbouring texts as one. */
    private static List<String> order(List<Said> answer) {
        List<String> order = new ArrayList<>();
        answer.forEach(said -> add(order, said.tool() == null ? "text" : "call of " + said.tool()));
        return order;
    }

    private static List<String> order(Answer answer) {
        List<String> order = new ArrayList<>();
        boolean stream = answer.header("content-type").startsWith("text/event-stream");
        Iterable<JsonNode> blocks = stream
                ? answer.chunks().stream()
                        .map(event -> event.path("content_block"))
                        .filter(JsonNode::isObject)
                        .toList()
                : answer.json().path("content");
        for (JsonNode block : blocks) {
            String tool = block.path("name").asText("");
            add(order, tool.isEmpty() ? block.path("type").asText() : "call of " + tool);
        }
        return order;
    }

    private static void add(List<String> order, String part) {
        if (order.isEmpty() || !part.equals("text") || !order.getLast().equals("text")) {
            order.add(part);
        }
    }

    private static List<ObjectNode> trees(List<AnswerChunk> chunks) {
        return chunks.stream().map(chunk -> (ObjectNode) chunk.tree()).toList();
    }

    private static List<String> bytes(List<AnswerChunk> chunks) {
        return chunks.stream()
                .map(chunk -> new String(chunk.json(), StandardCharsets.UTF_8))
                .toList();
    }

    private static List<String> written(List<ObjectNode> trees) {
        return trees.stream().map(JsonNode::toString).toList();
    }

    /** Texts, and calls whose inputs all differ. */
    @Provide
    Arbitrary<List<Said>> answers() {
        Arbitrary<Said> texts =
                Arbitraries.strings().alpha().ofMinLength(2).ofMaxLength(9).map(Said::text);
        Arbitrary<Said> calls = Combinators.combine(
                        Arbitraries.of("look", "find"), Arbitraries.of("Paris", "a \"{b}\" c", ""))
                .as((tool, city) ->
                        Said.call(tool, Json.MAPPER.createObjectNode().put("city", city)));
        return Arbitraries.oneOf(texts, calls).list().ofMinSize(1).ofMaxSize(5).map(OneAnswerProperties::numbered);
    }

    private static List<Said> numbered(List<Said> answer) {
        List<Said> numbered = new ArrayList<>();
        for (Said said : answer) {
            numbered.add(
                    said.input() == null
                            ? said
                            : Said.call(
                                    Objects.requireNonNull(said.tool()),
                                    said.input().deepCopy().put("number", numbered.size())));
        }
        return numbered;
    }

    @Provide
    Arbitrary<OddChat> chats() {
        return Combinators.combine(
                        Arbitraries.of(OddChat.Content.class),
                        Arbitraries.of(OddChat.Ids.class),
                        Arbitraries.of(OddChat.Indexes.class),
                        Arbitraries.of(OddChat.Names.class),
                        Arbitraries.of(OddChat.Types.class),
                        Arbitraries.of(OddChat.Arguments.class))
                .as(OddChat::new)
                .filter(OddChat::isUnderstood);
    }

    @Provide
    Arbitrary<OddMessages> servers() {
        return Combinators.combine(
                        Arbitraries.of(OddMessages.Start.class),
                        Arbitraries.of(OddMessages.Indexes.class),
                        Arbitraries.of(OddMessages.Texts.class),
                        Arbitraries.of(OddMessages.Stops.class),
                        Arbitraries.of(OddMessages.Ids.class),
                        Arbitraries.of(OddMessages.Inputs.class))
                .as(OddMessages::new)
                .filter(OddMessages::isUnderstood);
    }
}
