package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Answers that do not keep to their protocol: never half of one as if it were whole, nor more than one. */
final class OddAnswersIT {
    private static final String WORDS = "The quick brown fox jumps.";
    private static final String STOP = "{},\"finish_reason\":\"stop\"";

    private final Map<String, StubProvider> stubs = new LinkedHashMap<>();
    private Gateway gateway;

    @AfterEach
    void stop() {
        gateway.close();
        stubs.values().forEach(StubProvider::close);
    }

    private void start(StubProvider p, StubProvider f) {
        stubs.put("p", p);
        stubs.put("f", f);
        gateway = Gateway.over(
                stubs,
                "bactrian.defaults.max-attempts=1",
                "bactrian.targets.able.provider=f",
                "bactrian.targets.able.model=able",
                "bactrian.targets.able.supports=prefill",
                "bactrian.chains.able-last=p/model-p, able");
    }

    private static String says(String text) {
        return "{\"content\":\"" + text + "\"},\"finish_reason\":null";
    }

    private static String says(String... parts) {
        return "{\"content\":["
                + List.of(parts).stream()
                        .map(part -> "{\"type\":\"text\",\"text\":\"" + part + "\"}")
                        .collect(Collectors.joining(","))
                + "]},\"finish_reason\":null";
    }

    private static Reply chat(String... deltas) {
        return Reply.sse(List.of(deltas).stream()
                        .map(delta -> "data:"
                                + " {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\","
                                + "\"choices\":[{\"index\":0,\"delta\":" + delta + "}]}\n\n")
                        .collect(Collectors.joining())
                + "data: [DONE]\n\n");
    }

    private static Reply messages(String... events) {
        return Reply.sse(
                List.of(events).stream().map(event -> "data: " + event + "\n\n").collect(Collectors.joining()));
    }

    private static Reply broken() {
        return Reply.text("The quick brown").cutAfter(3).everyToken(Duration.ofMillis(20));
    }

    private Answer stream(Caller caller, String model) {
        return gateway.post(caller.path(), caller.body(model, true, "{}"));
    }

    private static void assertWhole(Caller caller, Answer answer) {
        assertThat(caller.words(answer)).as(answer.text()).isEqualTo(WORDS);
        assertThat(caller.finishes(answer)).as(answer.text()).hasSize(1);
        assertThat(caller.done(answer)).isTrue();
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void text_in_parts_goes_on_with_a_broken_answer(Caller caller) {
        start(
                StubProvider.openai().answers(broken()),
                StubProvider.openai()
                        .on(call -> call.model().equals("able")
                                ? chat(says(" fox", " jum"), says("ps."), STOP)
                                : chat(says("The quick", " brown"), says(" fox"), says(" jumps", "."), STOP)));

        assertWhole(caller, stream(caller, "able-last"));
        assertWhole(caller, stream(caller, "default"));
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void end_without_a_reason_is_none(Caller caller) {
        String start =
                "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\","
                        + "\"model\":\"m\",\"content\":[],\"stop_reason\":null,\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}";
        start(
                StubProvider.anthropic()
                        .answers(messages(
                                start,
                                "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}",
                                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"The"
                                        + " quick\"}}",
                                "{\"type\":\"content_block_stop\",\"index\":0}",
                                "{\"type\":\"message_stop\"}")),
                StubProvider.openai().answers(Reply.text(WORDS)));

        Answer answer = stream(caller, "default");

        assertWhole(caller, answer);
        assertThat(answer.text()).doesNotContain("\"error\"");
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void document_that_says_it_has_not_ended_is_no_whole_answer(Caller caller) {
        String half =
                "{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,"
                        + "\"message\":{\"role\":\"assistant\",\"content\":\"The quick\"},\"finish_reason\":null}]}";
        start(
                StubProvider.openai().answers(Reply.status(200, half)),
                StubProvider.openai().answers(Reply.text(WORDS)));

        assertWhole(caller, stream(caller, "default"));
        assertThat(caller.words(caller.document(gateway))).isEqualTo(WORDS);
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void what_comes_after_the_end_is_no_part_of_the_answer(Caller caller) {
        start(StubProvider.openai().answers(chat(says(WORDS), STOP, says(" And more."), STOP)), StubProvider.openai());

        assertWhole(caller, stream(caller, "default"));
        assertThat(caller.words(caller.document(gateway))).isEqualTo(WORDS);
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void a_second_answer_beside_the_first_is_not_glued_on(Caller caller) {
        start(
                StubProvider.openai().answers(broken()),
                StubProvider.openai()
                        .answers(chat(says(WORDS) + "},{\"index\":1,\"delta\":" + says("Another one."), STOP)));

        Answer answer = stream(caller, "default");

        assertThat(caller.words(answer)).isEqualTo("The quick brown");
        assertThat(caller.done(answer)).isFalse();
    }
}
