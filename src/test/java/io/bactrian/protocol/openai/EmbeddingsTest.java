package io.bactrian.protocol.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Service;
import io.bactrian.policy.CallFailed;
import io.bactrian.protocol.AnswerDocument;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.ProviderProtocol;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.testing.TestChains;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests for embeddings, and what is an answer to them. */
final class EmbeddingsTest {
    private final ProviderProtocol provider = Objects.requireNonNull(new ChatProvider().serving(Service.EMBEDDINGS));

    @Test
    void the_target_is_asked_for_its_own_model_and_never_for_a_stream() {
        ChatRequest request = request("{\"model\":\"x\",\"input\":[\"a\"],\"stream\":false,\"fallbacks\":[\"y\"]}");

        ProviderProtocol.Encoded encoded = provider.encode(request, TestChains.target("a"), CallOptions.plainly(false));

        assertThat(new String(encoded.body(), UTF_8)).isEqualTo("{\"model\":\"model-a\",\"input\":[\"a\"]}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"\"\" | 1", "[\"\"] | 1", "[[1],[2],[3]] | 3", "[7] | 1", "{\"text\":\"a\"} | 1", "[\"a\",[1]] | 2"
            })
    void each_input_has_a_vector(String input, int vectors) {
        assertThat(request("{\"input\":" + input + "}").choices()).isEqualTo(vectors);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"input\":[]}", "{\"input\":true}", "{\"input\":null}", "{\"input\":1.5}"})
    void a_request_without_input_is_rejected(String body) {
        assertThatThrownBy(() -> request(body))
                .isInstanceOf(RequestRejected.class)
                .hasMessageContaining("input");
    }

    @Test
    void a_list_of_inputs_is_not_held_against_one_context_window() {
        assertThat(request("{\"input\":[\"a\",\"b\"]}").batch()).isTrue();
        assertThat(request("{\"input\":\"a b\"}").batch()).isFalse();
        assertThat(request("{\"input\":\"one two three\"}").minTokens()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"prompt_tokens\":7,\"total_tokens\":7} | 7",
                "{\"total_tokens\":9} | 9",
                "{\"prompt_tokens\":4} | 4",
                "{\"input_tokens\":5} | 5"
            })
    void what_was_read_is_counted_in_the_words_of_any_vendor(String usage, long tokens) {
        AnswerDocument answer = scanned("{\"data\":[{\"embedding\":[1]}],\"usage\":" + usage + "}", 1);

        assertThat(Objects.requireNonNull(answer.usage()).prompt()).isEqualTo(tokens);
        assertThat(Objects.requireNonNull(answer.usage()).completion()).isZero();
    }

    @Test
    void a_usage_is_not_needed() {
        assertThat(scanned("{\"data\":[{\"embedding\":[1]}]}", 1).usage()).isNull();
    }

    @Test
    void the_tree_has_no_vectors_and_the_bytes_have() {
        String json = "{\"model\":\"m\",\"data\":[{\"index\":0,\"embedding\":[[0.1,2],[3E-1,4]]}],\"id\":[{}]}";
        AnswerDocument answer = scanned(json, 1);

        assertThat(answer.tree().toString()).isEqualTo("{\"model\":\"m\",\"id\":[{}]}");
        assertThat(new String(answer.json(), UTF_8)).isEqualTo(json);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"data\":[{\"embedding\":[1]}]}",
                "{\"data\":[{\"embedding\":[1]},{\"embedding\":[1]},{\"embedding\":[1]}]}"
            })
    void too_few_or_too_many_vectors_are_said(String json) {
        ChatRequest request = inputs(2);

        assertThat(provider.scan(json.getBytes(UTF_8), request)).isNull();
        assertThatThrownBy(() -> document(json, request))
                .isInstanceOf(CallFailed.class)
                .hasMessageContaining("vectors for 2 inputs");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"index\":0,\"embedding\":[1]},{\"index\":0,\"embedding\":[2]} | index",
                "{\"index\":1,\"embedding\":[1]},{\"index\":1,\"embedding\":[2]} | index",
                "{\"index\":1,\"embedding\":[1]},{\"index\":2,\"embedding\":[2]} | index",
                "{\"index\":-1,\"embedding\":[1]},{\"index\":0,\"embedding\":[2]} | index",
                "{\"index\":2000000000,\"embedding\":[1]},{\"index\":0,\"embedding\":[2]} | index",
                "{\"embedding\":[1]},{\"index\":0,\"embedding\":[2]} | index",
                "{\"embedding\":[1,2]},{\"embedding\":[1]} | lengths",
                "{\"embedding\":[1]},{\"embedding\":[1,2]} | lengths",
                "{\"embedding\":[[1,2],[3]]},{\"embedding\":[[1,2]]} | lengths",
                "{\"embedding\":\"AACAPw==\"},{\"embedding\":\"AACAPwAAgD8=\"} | lengths"
            })
    void vectors_that_cannot_belong_to_the_inputs_are_no_answer(String data, String word) {
        String json = "{\"data\":[" + data + "]}";
        ChatRequest request = inputs(2);

        assertThat(provider.scan(json.getBytes(UTF_8), request)).isNull();
        assertThatThrownBy(() -> document(json, request))
                .isInstanceOf(CallFailed.class)
                .hasMessageContaining(word);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"index\":1,\"embedding\":[1]},{\"index\":0,\"embedding\":[2]}",
                "{\"embedding\":[1]},{\"embedding\":[2]}",
                "{\"index\":null,\"embedding\":[1]},{\"embedding\":[2]}",
                "{\"embedding\":[[1,2],[3,4]]},{\"embedding\":[[1,2]]}",
                "{\"embedding\":\"AACAPw==\"},{\"embedding\":\"AACAPw\"}"
            })
    void vectors_in_any_order_are_an_answer(String data) {
        assertThat(scanned("{\"data\":[" + data + "]}", 2).json()).isNotEmpty();
    }

    @Property
    void every_order_of_the_places_is_an_answer(@ForAll @IntRange(min = 1, max = 300) int size, @ForAll long seed) {
        List<Integer> places = new ArrayList<>(IntStream.range(0, size).boxed().toList());
        Collections.shuffle(places, new Random(seed));
        String data = places.stream()
                .map(place -> "{\"index\":" + place + ",\"embedding\":[1,2]}")
                .collect(Collectors.joining(","));

        assertThat(scanned("{\"data\":[" + data + "]}", size).json()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"data\":{}}",
                "{\"data\":[[1]]}",
                "{\"data\":[null]}",
                "{\"data\":[{\"embedding\":{}}]}",
                "{\"data\":[{\"embedding\":[\"1\"]}]}",
                "{\"data\":[{\"embedding\":[[]]}]}",
                "{\"data\":[{\"embedding\":[1,{}]}]}",
                "{\"data\":[{\"embedding\":[1,[2]]}]}",
                "{\"data\":[{\"embedding\":\"====\"}]}",
                "{\"data\":[{\"embedding\":\"AA==AA\"}]}",
                "{\"data\":[{\"embedding\":\"not base 64\"}]}",
                "{\"data\":[{\"embedding\":[1]}],\"error\":{\"message\":\"x\"}}"
            })
    void what_is_no_vector_is_no_answer(String json) {
        ChatRequest request = inputs(1);

        assertThat(provider.scan(json.getBytes(UTF_8), request)).isNull();
        assertThat(document(json, request)).isNull();
    }

    @Property
    void bytes_do_not_make_the_scan_throw(
            @ForAll @StringLength(max = 60) String tail, @ForAll @IntRange(max = 60) int cut) {
        String json = "{\"data\":[{\"embedding\":[1,2],\"index\":0}],\"usage\":{\"prompt_tokens\":1}}";
        provider.scan((json.substring(0, cut) + tail).getBytes(UTF_8), inputs(1));
        assertThat(provider.scan(json.substring(0, cut).getBytes(UTF_8), inputs(1)))
                .isNull();
    }

    private AnswerDocument scanned(String json, int inputs) {
        return Objects.requireNonNull(provider.scan(json.getBytes(UTF_8), inputs(inputs)));
    }

    private Object document(String json, ChatRequest request) {
        byte[] bytes = json.getBytes(UTF_8);
        return provider.document((ObjectNode) Json.parse(bytes), bytes, request, CallOptions.plainly(false));
    }

    private static ChatRequest inputs(int count) {
        return request("{\"input\":[" + "\"a\",".repeat(count - 1) + "\"a\"]}");
    }

    private static ChatRequest request(String json) {
        return Embeddings.PROTOCOL.read(json.getBytes(UTF_8));
    }
}
