package io.bactrian.request;

import static io.bactrian.testing.Chunks.delta;
import static io.bactrian.testing.Chunks.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Limits.Rescue;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.openai.ChatChunk;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One answer spliced from two: one head, no text repeated and none lost. */
class SpliceTest {
    private static final ObjectNode ROLE = other("{'role':'assistant','content':''}", "null");
    private static final ObjectNode STOP = other("{}", "'stop'");

    private final PartialAnswer partial = new PartialAnswer(true);
    private final List<AnswerChunk> out = new ArrayList<>();

    @Test
    void repeated_words_are_swallowed_and_the_rest_goes_on_under_the_first_head() {
        begun("One two");

        splice(Rescue.REPLAY, ROLE, words("One "), words("two"), words(" three"), words(" four."), STOP);

        assertThat(text()).isEqualTo(" three four.");
        assertThat(out).allSatisfy(chunk -> {
            assertThat(chunk.tree().path("id").asText()).isEqualTo("c1");
            assertThat(chunk.tree().path("created").asInt()).isEqualTo(1);
            assertThat(chunk.tree().at("/choices/0/delta").has("role")).isFalse();
        });
        assertThat(out.getLast().choices().getFirst().finish()).isEqualTo("stop");
        assertThat(out.stream()
                        .filter(chunk -> !chunk.choices().getFirst().finish().isEmpty()))
                .hasSize(1);
    }

    @Test
    void prefilled_words_go_on_at_once() {
        begun("One two");

        splice(Rescue.PREFILL, ROLE, words(" three"), STOP);

        assertThat(text()).isEqualTo(" three");
    }

    @Test
    void words_that_come_with_the_end_are_not_lost() {
        begun("One two");

        splice(Rescue.REPLAY, other("{'role':'assistant','content':'One two three'}", "'length'"));

        assertThat(text()).isEqualTo(" three");
        assertThat(out.getLast().choices().getFirst().finish()).isEqualTo("length");
        assertThat(out.getLast().text()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Something else entirely.", "One three", "one two three"})
    void another_answer_is_refused(String answer) {
        begun("One two");

        assertThatExceptionOfType(CallFailed.class)
                .isThrownBy(() -> splice(Rescue.REPLAY, words(answer), STOP))
                .satisfies(e -> {
                    assertThat(e.failure().type()).isEqualTo(FailureClass.UNSUPPORTED);
                    assertThat(e.failure().code()).isEqualTo(Splice.DIFFERS);
                    assertThat(e.counts()).isFalse();
                });
        assertThat(out).isEmpty();
    }

    @Test
    void answer_that_ends_too_soon_is_another_one() {
        begun("One two three");

        assertThatExceptionOfType(CallFailed.class).isThrownBy(() -> splice(Rescue.REPLAY, words("One"), STOP));
        assertThat(out).isEmpty();
    }

    @Test
    void tool_call_after_the_repeated_words_goes_through_whole() {
        begun("Let me look.");

        splice(
                Rescue.REPLAY,
                words("Let me look."),
                other(
                        "{'content':null,'tool_calls':[{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}}]}",
                        "null"),
                other("{}", "'tool_calls'"));

        assertThat(text()).isEmpty();
        assertThat(out.stream().filter(AnswerChunk::hasTools)).hasSize(1);
        assertThat(out.getLast().choices().getFirst().finish()).isEqualTo("tool_calls");
    }

    @Test
    void tool_call_in_place_of_the_words_is_another_answer() {
        begun("Let me look.");

        assertThatExceptionOfType(CallFailed.class)
                .isThrownBy(() -> splice(
                        Rescue.REPLAY,
                        other(
                                "{'tool_calls':[{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}}]}",
                                "null")));
    }

    @Test
    void reasoning_of_the_second_call_is_not_passed_on() {
        begun("One");

        splice(Rescue.REPLAY, other("{'reasoning_content':'hm'}", "null"), words("One two"), STOP);

        assertThat(out.stream().filter(AnswerChunk::hasThoughts)).isEmpty();
        assertThat(text()).isEqualTo(" two");
    }

    @ParameterizedTest
    @EnumSource(Rescue.class)
    void parts_without_a_choice_say_nothing(Rescue way) {
        begun("One");

        splice(way, json("{'choices':[]}"), json("{'id':'x'}"), json("{'choices':['x']}"), json("{'choices':7}"));

        assertThat(out).isEmpty();
    }

    @Test
    void usage_inside_a_part_stays_with_its_end() {
        begun("One");

        ObjectNode last = other("{'content':'One two'}", "'stop'");
        last.putObject("usage").put("prompt_tokens", 1).put("completion_tokens", 2);
        splice(Rescue.REPLAY, last);

        assertThat(out).hasSize(2);
        assertThat(out.getFirst().usage()).isNull();
        assertThat(out.getLast().usage()).isNotNull();
    }

    /** The caller has the answer once, wherever the first part broke off and however the second is cut into chunks. */
    @Property(tries = 300)
    void answer_is_whole_wherever_it_broke(
            @ForAll("answers") String answer,
            @ForAll @IntRange(min = 1, max = 60) int broke,
            @ForAll @IntRange(min = 1, max = 9) int size,
            @ForAll boolean prefill) {
        String begun = answer.substring(0, Math.min(broke, answer.length() - 1));
        SpliceTest test = new SpliceTest();
        test.begun(begun);
        String second = prefill ? answer.substring(begun.length()) : answer;
        List<ObjectNode> pieces = new ArrayList<>(List.of(ROLE));
        for (int at = 0; at < second.length(); at += size) {
            pieces.add(words(second.substring(at, Math.min(second.length(), at + size))));
        }
        pieces.add(STOP);

        test.splice(prefill ? Rescue.PREFILL : Rescue.REPLAY, pieces.toArray(ObjectNode[]::new));

        assertThat(begun + test.text()).isEqualTo(answer);
    }

    @Provide
    Arbitrary<String> answers() {
        return Arbitraries.of("one", "two", "three,", "four.", "Ünd", "1", "–")
                .list()
                .uniqueElements()
                .ofMinSize(2)
                .ofMaxSize(7)
                .map(words -> String.join(" ", words));
    }

    private void begun(String text) {
        ObjectNode first = delta("{'role':'assistant','content':''}");
        first.put("created", 1);
        partial.add(ChatChunk.of(first));
        ObjectNode said = delta("{}");
        ((ObjectNode) said.at("/choices/0/delta")).put("content", text);
        partial.add(ChatChunk.of(said));
    }

    private void splice(Rescue way, ObjectNode... chunks) {
        Splice splice = new Splice(partial, way);
        for (ObjectNode chunk : chunks) {
            out.addAll(splice.fit(ChatChunk.of(chunk)));
        }
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        out.forEach(chunk -> text.append(chunk.text()));
        return text.toString();
    }

    private static ObjectNode words(String text) {
        ObjectNode chunk = other("{}", "null");
        ((ObjectNode) chunk.at("/choices/0/delta")).put("content", text);
        return chunk;
    }

    private static ObjectNode other(String delta, String finish) {
        return json("{'id':'c2','created':2,'model':'m2','choices':[{'index':0,'delta':" + delta + ",'finish_reason':"
                + finish + "}]}");
    }
}
