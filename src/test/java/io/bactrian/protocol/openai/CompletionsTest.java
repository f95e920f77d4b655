package io.bactrian.protocol.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Service;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.AnswerChunk.Choice;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.ProviderProtocol;
import io.bactrian.protocol.Usage;
import io.bactrian.testing.TestChains;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests for legacy completions, their chunks, and documents made of these. */
final class CompletionsTest {
    private final ProviderProtocol provider = Objects.requireNonNull(new ChatProvider().serving(Service.COMPLETIONS));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"prompt\":\"a\" | 1",
                "\"prompt\":null | 1",
                "\"prompt\":[1,2] | 1",
                "\"prompt\":[\"a\",\"b\"] | 2",
                "\"prompt\":[[1],[2]],\"n\":3 | 6",
                "\"n\":2,\"prompt\":\"a\" | 2",
                "\"prompt\":\"a\",\"n\":99999999999999999999 | 1048576"
            })
    void each_prompt_has_its_texts(String fields, int choices) {
        assertThat(request("{" + fields + "}").choices()).isEqualTo(choices);
    }

    @Test
    void a_stream_is_asked_for_with_its_usage() {
        ChatRequest request = request("{\"prompt\":\"a\",\"stream\":true}");

        byte[] body = provider.encode(request, TestChains.target("a"), CallOptions.plainly(true))
                .body();

        assertThat(new String(body, UTF_8))
                .isEqualTo("{\"prompt\":\"a\",\"stream\":true,\"model\":\"model-a\","
                        + "\"stream_options\":{\"include_usage\":true}}");
        assertThat(request.includeUsage()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"text\":\"a\",\"index\":0,\"finish_reason\":null} | a | ''",
                "{\"text\":\"a\",\"finish_reason\":\"\"} | a | ''",
                "{\"text\":\"a\",\"finish_reason\":\"null\"} | a | ''",
                "{\"text\":\"\",\"finish_reason\":\"length\"} | '' | length",
                "{\"text\":null,\"finish_reason\":\"stop\"} | '' | stop",
                "{\"finish_reason\":\"stop\",\"logprobs\":{\"tokens\":[\"a\"]}} | '' | stop"
            })
    void a_chunk_has_a_text_and_perhaps_an_end(String choice, String text, String finish) {
        AnswerChunk chunk = chunk("{\"object\":\"text_completion\",\"choices\":[" + choice + "]}");

        assertThat(chunk.text()).isEqualTo(text);
        assertThat(chunk.hasWords()).isEqualTo(!text.isEmpty());
        assertThat(chunk.choices()).containsExactly(new Choice(0, finish));
        assertThat(chunk.isUsageOnly()).isFalse();
        assertThat(chunk.mayBeError()).isFalse();
    }

    @Test
    void the_usage_has_a_chunk_of_its_own() {
        AnswerChunk chunk = chunk("{\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}");

        assertThat(chunk.isUsageOnly()).isTrue();
        assertThat(chunk.usage()).isEqualTo(new Usage(3, 4));
    }

    @Test
    void a_text_and_its_reason_come_apart() {
        AnswerChunk chunk = chunk(
                "{\"id\":\"c\",\"choices\":[{\"text\":\"a\",\"index\":2,\"logprobs\":{\"tokens\":[\"a\"]},"
                        + "\"finish_reason\":\"stop\",\"stop_reason\":7}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}");

        AnswerChunk text = Objects.requireNonNull(chunk.withoutReason());
        AnswerChunk end = chunk.finishes().getFirst();

        assertThat(new String(text.json(), UTF_8))
                .isEqualTo("{\"id\":\"c\",\"choices\":[{\"text\":\"a\",\"index\":2,\"logprobs\":{\"tokens\":[\"a\"]},"
                        + "\"finish_reason\":null,\"stop_reason\":7}]}");
        assertThat(text.text()).isEqualTo("a");
        assertThat(text.choices()).containsExactly(new Choice(2, ""));
        assertThat(new String(end.json(), UTF_8))
                .isEqualTo("{\"id\":\"c\",\"choices\":[{\"text\":\"\",\"index\":2,\"logprobs\":null,"
                        + "\"finish_reason\":\"stop\",\"stop_reason\":7}],"
                        + "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}");
        assertThat(end.hasWords()).isFalse();
        assertThat(end.choices()).containsExactly(new Choice(2, "stop"));
    }

    @Test
    void each_choice_of_a_chunk_has_an_end_of_its_own() {
        AnswerChunk chunk = chunk("{\"choices\":[{\"text\":\"\",\"index\":0,\"finish_reason\":\"stop\"},"
                + "{\"text\":\"\",\"index\":1,\"finish_reason\":null},"
                + "{\"text\":\"\",\"index\":2,\"finish_reason\":\"length\"}]}");

        assertThat(chunk.finishes().stream().map(AnswerChunk::choices))
                .containsExactly(List.of(new Choice(0, "stop")), List.of(new Choice(2, "length")));
    }

    @Test
    void a_reason_alone_passes_as_it_came() {
        AnswerChunk chunk = chunk("{ \"choices\":[{\"text\":\"\",\"index\":0,\"finish_reason\":\"stop\"}]}");

        assertThat(chunk.withoutReason()).isNull();
        assertThat(chunk.finishes()).containsExactly(chunk);
    }

    @Test
    void a_text_beside_a_delta_is_a_completion() {
        AnswerChunk chunk = chunk("{\"choices\":[{\"text\":\"a\",\"index\":0,\"delta\":{\"content\":\"a\"}}]}");

        assertThat(chunk.isObject()).isTrue();
        assertThat(chunk.text()).isEqualTo("a");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[{\"text\":\"a\",\"finish_reason\":\"stop\"}] | stop",
                "[{\"text\":\"a\"}] | ''",
                "[{\"text\":\"a\",\"finish_reason\":null}] | ''",
                "[{\"text\":\"a\",\"finish_reason\":\"\"}] | ''",
                "[{\"text\":\"a\",\"finish_reason\":\"none\"}] | ''",
                "[{\"text\":\"a\",\"finish_reason\":{}}] | ''",
                "[{\"text\":\"a\"},{\"text\":\"b\",\"finish_reason\":\"stop\"}] | ,stop",
                "[{\"text\":\"a\",\"index\":0},{\"text\":\"b\",\"index\":0,\"finish_reason\":\"stop\"}] | ,stop"
            })
    void each_text_of_a_document_has_its_reason_or_none(String choices, String reasons) {
        ObjectNode document = (ObjectNode) json("{\"choices\":" + choices + "}");

        assertThat(String.join(",", Completions.PROTOCOL.finishReasons(document).values()))
                .isEqualTo(reasons);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "seed | {\"prompt\":\"a\",\"suffix\":\"b\",\"stop\":null,\"max_tokens\":3,\"model\":\"model-a\"} |"
                        + " seed",
                "stop | {\"prompt\":\"a\",\"suffix\":\"b\",\"seed\":1,\"max_tokens\":3,\"model\":\"model-a\"} | ''",
                "suffix |"
                        + " {\"prompt\":\"a\",\"suffix\":\"b\",\"seed\":1,\"stop\":null,\"max_tokens\":3,\"model\":\"model-a\"}"
                        + " | ''",
                "max_tokens |"
                        + " {\"prompt\":\"a\",\"suffix\":\"b\",\"seed\":1,\"stop\":null,\"max_tokens\":3,\"model\":\"model-a\"}"
                        + " | ''",
                "prompt |"
                        + " {\"prompt\":\"a\",\"suffix\":\"b\",\"seed\":1,\"stop\":null,\"max_tokens\":3,\"model\":\"model-a\"}"
                        + " | ''"
            })
    void a_refused_field_is_left_out_if_the_same_text_is_asked_for_without_it(
            String refused, String sent, String dropped) {
        ChatRequest request = request("{\"prompt\":\"a\",\"suffix\":\"b\",\"seed\":1,\"stop\":null,\"max_tokens\":3}");
        CallOptions options = new CallOptions(false, Set.of(), Set.of(refused), provider.negotiable(request), null);

        ProviderProtocol.Encoded encoded = provider.encode(request, TestChains.target("a"), options);

        assertThat(json(new String(encoded.body(), UTF_8))).isEqualTo(json(sent));
        assertThat(String.join(",", encoded.dropped())).isEqualTo(dropped);
    }

    @Test
    void an_error_is_looked_at_and_chat_is_passed_over() {
        assertThat(chunk("{\"error\":{\"message\":\"x\"}}").mayBeError()).isTrue();
        assertThat(chunk("{\"choices\":[{\"delta\":{\"content\":\"x\"}}]}").isObject())
                .isFalse();
        assertThat(Completions.PROTOCOL.chunk("oops".getBytes(UTF_8))).isNull();
        assertThat(new String(chunk("{\"choices\":\n[]}").json(), UTF_8)).isEqualTo("{\"choices\":[]}");
    }

    @Property
    void a_document_of_a_stream_has_every_text(@ForAll @Size(max = 20) List<@StringLength(max = 5) String> texts) {
        CompletionsAssembler assembler = new CompletionsAssembler();
        StringBuilder even = new StringBuilder();
        StringBuilder odd = new StringBuilder();
        for (int i = 0; i < texts.size(); i++) {
            (i % 2 == 0 ? even : odd).append(texts.get(i));
            assembler.add(piece(i % 2, texts.get(i), null));
        }
        assembler.add(piece(0, "", "stop"));
        assembler.add(piece(1, "", "length"));

        ObjectNode document = assembler.document();
        assertThat(document.at("/choices/0/text").asText()).isEqualTo(even.toString());
        assertThat(document.at("/choices/1/text").asText()).isEqualTo(odd.toString());
        assertThat(Completions.PROTOCOL.finishReasons(document))
                .containsEntry(0, "stop")
                .containsEntry(1, "length");
        assertThat(document.path("id").asText()).isEqualTo("c1");
    }

    @Test
    void probabilities_and_usage_are_joined() {
        CompletionsAssembler assembler = new CompletionsAssembler();
        for (String token : List.of("a", "b")) {
            assembler.add((ObjectNode) json("{\"choices\":[{\"index\":0,\"text\":\"" + token
                    + "\",\"logprobs\":{\"tokens\":[\"" + token + "\"],\"token_logprobs\":[-1]}}],\"usage\":null}"));
        }
        assembler.add((ObjectNode) json("{\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}"));

        assertThat(assembler.document().at("/choices/0/logprobs").toString())
                .isEqualTo("{\"tokens\":[\"a\",\"b\"],\"token_logprobs\":[-1,-1]}");
        assertThat(Completions.PROTOCOL.usage(assembler.document())).isEqualTo(new Usage(1, 2));
    }

    @Property
    void bytes_do_not_make_the_scan_throw(
            @ForAll @StringLength(max = 60) String tail, @ForAll @IntRange(max = 60) int cut) {
        String json = "{\"object\":\"text_completion\",\"choices\":[{\"text\":\"a\",\"index\":0}]}";
        Completions.PROTOCOL.chunk((json.substring(0, cut) + tail).getBytes(UTF_8));
    }

    private static ObjectNode piece(int index, String text, String finish) {
        ObjectNode chunk = Json.MAPPER.createObjectNode().put("id", "c1").put("object", "text_completion");
        chunk.putArray("choices")
                .addObject()
                .put("index", index)
                .put("text", text)
                .put("finish_reason", finish);
        return chunk;
    }

    private static AnswerChunk chunk(String json) {
        return Objects.requireNonNull(Completions.PROTOCOL.chunk(json.getBytes(UTF_8)));
    }

    private static JsonNode json(String json) {
        return Objects.requireNonNull(Json.parse(json.getBytes(UTF_8)));
    }

    private static ChatRequest request(String json) {
        return Completions.PROTOCOL.read(json.getBytes(UTF_8));
    }
}
