package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Answers that do not keep to their protocol: never half of one as if it were whole, nor more than one. */
final class OddAnswersIT {
    private static final String WORDS = "The quick brown fox jumps.";
    private static final String STOP = "{},\"finish_reason\":\"stop\"";

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with("bactrian.defaults.max-attempts=1")
            .openai("p", "f")
            .anthropic("a")
            .targets("able", "f", "supports=prefill")
            .chains("p, able")
            .chains("p, f")
            .chains("a, f");

    private final StubProvider p = gateway.stub("p");
    private final StubProvider f = gateway.stub("f");

    @ParameterizedTest
    @EnumSource(Caller.class)
    void text_in_parts_goes_on_with_a_broken_answer(Caller caller) {
        p.answers(broken());
        f.answers(chat(says(" fox", " jum"), says("ps."), STOP));

        assertWhole(caller, ask(caller, "p, able", true));

        f.answers(chat(says("The quick", " brown"), says(" fox"), says(" jumps", "."), STOP));

        assertWhole(caller, ask(caller, "p, f", true));
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void end_without_a_reason_is_none(Caller caller) {
        String start =
                "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\","
                        + "\"model\":\"m\",\"content\":[],\"stop_reason\":null,\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}";
        gateway.stub("a")
                .answers(messages(
                        start,
                        "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}",
                        "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"The quick\"}}",
                        "{\"type\":\"content_block_stop\",\"index\":0}",
                        "{\"type\":\"message_stop\"}"));
        f.answers(Reply.text(WORDS));

        Answer answer = ask(caller, "a, f", true);

        assertWhole(caller, answer);
        assertThat(answer.text()).doesNotContain("\"error\"");
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void document_that_says_it_has_not_ended_is_no_whole_answer(Caller caller) {
        String half =
                "{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,"
                        + "\"message\":{\"role\":\"assistant\",\"content\":\"The quick\"},\"finish_reason\":null}]}";
        p.answers(Reply.status(200, half));
        f.answers(Reply.text(WORDS));

        assertWhole(caller, ask(caller, "p, f", true));
        assertThat(caller.words(ask(caller, "p, f", false))).isEqualTo(WORDS);
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void what_comes_after_a_finish_reason_is_part_of_the_answer(Caller caller) {
        p.answers(chat(says("The quick brown fox"), STOP, says(WORDS.substring("The quick brown fox".length())), STOP));

        assertWhole(caller, ask(caller, "p, f", true));
        assertThat(caller.words(ask(caller, "p, f", false))).isEqualTo(WORDS);
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void a_second_answer_beside_the_first_is_not_glued_on(Caller caller) {
        p.answers(broken());
        f.answers(chat(says(WORDS) + "},{\"index\":1,\"delta\":" + says("Another one."), STOP));

        Answer answer = ask(caller, "p, f", true);

        assertThat(caller.words(answer)).isEqualTo("The quick brown");
        assertThat(caller.done(answer)).isFalse();
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

    private static Answer ask(Caller caller, String steps, boolean stream) {
        return gateway.ask(Request.of(gateway.chain(steps)).by(caller).stream(stream));
    }

    private static void assertWhole(Caller caller, Answer answer) {
        assertThat(caller.words(answer)).as(answer.text()).isEqualTo(WORDS);
        assertThat(caller.finishes(answer)).as(answer.text()).hasSize(1);
        assertThat(caller.done(answer)).isTrue();
    }
}
