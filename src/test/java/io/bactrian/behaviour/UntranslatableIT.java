package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests that the gateway cannot translate for a target: another one gets them as they came. */
final class UntranslatableIT {
    private static final String ASKED = "{'role':'user','content':'Hi'}";

    @RegisterExtension
    static final GatewayExtension gateway =
            GatewayExtension.with("""
                bactrian.defaults.breaker.failures=1000
                bactrian.chains.o-then-a=o/gpt, a/claude
                bactrian.chains.a-then-o=a/claude, o/gpt
                bactrian.chains.race-both=race(o/gpt, a/claude)
                bactrian.chains.only-o=o/gpt
                bactrian.chains.only-a=a/claude\
                """).openai("o").anthropic("a");

    @ParameterizedTest(name = "{0} stream {1}: {3}")
    @MethodSource("requests")
    void a_target_that_cannot_be_given_the_request_is_passed_over(
            Caller caller, boolean stream, String param, String fields) {
        String own = caller == Caller.CHAT ? "o" : "a";
        String chain = own.equals("o") ? "a-then-o" : "o-then-a";

        Answer answer = gateway.ask(caller, chain, stream, fields.replace('\'', '"'));
        Answer race = gateway.ask(caller, "race-both", stream, fields.replace('\'', '"'));

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(caller.words(answer)).isEqualTo("Hello from the stub.");
        assertThat(answer.outcomes()).isEqualTo(own + "=OK");
        assertThat(answer.header("x-bactrian-skipped"))
                .isEqualTo(own.equals("o") ? "a/claude=translation" : "o/gpt=translation");
        assertThat(caller.words(race)).isEqualTo("Hello from the stub.");
    }

    @ParameterizedTest(name = "{0} stream {1}: {3}")
    @MethodSource("requests")
    void where_there_is_no_other_the_caller_is_told_what_is_wrong(
            Caller caller, boolean stream, String param, String fields) {
        String chain = caller == Caller.CHAT ? "only-a" : "only-o";

        Answer answer = gateway.ask(caller, chain, stream, fields.replace('\'', '"'));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.outcomes()).isEmpty();
        assertThat(caller.error(answer).path("type").asText()).isEqualTo("invalid_request_error");
        assertThat(caller.error(answer).path("message").asText()).isNotBlank().doesNotContain("No target");
        if (caller == Caller.CHAT) {
            assertThat(answer.error("param")).isEqualTo(param);
        }
    }

    @ParameterizedTest(name = "{0} stream {1}: {3}")
    @MethodSource("requests")
    void where_the_others_fail_their_failure_is_told(Caller caller, boolean stream, String param, String fields) {
        String own = caller == Caller.CHAT ? "o" : "a";
        gateway.stub(own).answers(Reply.error(529, "overloaded_error", null, "Busy"));
        String chain = own.equals("o") ? "a-then-o" : "o-then-a";

        Answer answer = gateway.ask(caller, chain, stream, fields.replace('\'', '"'));

        assertThat(answer.status()).isIn(503, 529);
        assertThat(answer.outcomes()).isEqualTo(own + "=OVERLOADED, " + own + "=OVERLOADED");
    }

    static Stream<Arguments> requests() {
        return Stream.of(
                        chat(
                                "messages[2]",
                                ASKED + ",{'role':'assistant','tool_calls':[{'id':'c1','type':'function',"
                                        + "'function':{'name':'f','arguments':'{}'}}]}," + ASKED),
                        chat("messages[1].tool_call_id", ASKED + ",{'role':'tool','tool_call_id':'c9','content':'x'}"),
                        chat("messages[1].role", ASKED + ",{'role':'ipython','content':'x'}"),
                        chat("messages[0].content", "{'role':'user','content':''}"),
                        chat("messages[0].content", "{'role':'user','content':{'text':'Hi'}}"),
                        chat("messages[0].content[0].type", "{'role':'user','content':[{'text':'Hi'}]}"),
                        chat(
                                "messages[0].content[0].image_url.url",
                                "{'role':'user','content':[{'type':'image_url','image_url':{'url':'gs://b/o'}}]}"),
                        chat(
                                "messages[0].content",
                                "{'role':'system','content':[{'type':'image_url','image_url':{'url':'https://x/y'}}]},"
                                        + ASKED),
                        fields(
                                Caller.CHAT,
                                "tool_choice",
                                "'tool_choice':'sometimes','tools':[{'type':'function'," + "'function':{'name':'f'}}]"),
                        fields(Caller.CHAT, "max_tokens", "'max_tokens':0"),
                        messages("messages[1].role", ASKED + ",{'role':'developer','content':'x'}"),
                        messages("messages[0].content", "{'role':'user','content':[]}"),
                        messages(
                                "messages[0].content",
                                "{'role':'user','content':[{'type':'tool_result',"
                                        + "'tool_use_id':'t9','content':'x'}]}"),
                        fields(
                                Caller.MESSAGES,
                                "tool_choice.type",
                                "'tool_choice':{'type':'sometimes'},"
                                        + "'tools':[{'name':'f','input_schema':{'type':'object'}}]"),
                        fields(
                                Caller.MESSAGES,
                                "output_config.format.schema",
                                "'output_config':{'format':{'type':'json_schema','schema':7}}"))
                .flatMap(request -> Stream.of(false, true)
                        .map(stream -> Arguments.of(request.caller(), stream, request.param(), request.fields())));
    }

    private record Wrong(Caller caller, String param, String fields) {}

    private static Wrong chat(String param, String messages) {
        return fields(Caller.CHAT, param, "'messages':[" + messages + "]");
    }

    private static Wrong messages(String param, String messages) {
        return fields(Caller.MESSAGES, param, "'messages':[" + messages + "]");
    }

    private static Wrong fields(Caller caller, String param, String fields) {
        return new Wrong(caller, param, "{" + fields + "}");
    }
}
