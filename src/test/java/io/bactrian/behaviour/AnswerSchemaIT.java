package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Call;
import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.StubProvider;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers in a schema: asked for as each target understands it, checked, and held back until they are whole. */
final class AnswerSchemaIT {
    private static final String WARM = "{\"warmth\":21}";
    private static final String SCHEMA =
            "{'type':'object','properties':{'warmth':{'type':'number'}},'required':['warmth'],'additionalProperties':false}";
    private static final String NOT_PERMITTED = "output_config: Extra inputs are not permitted";

    @RegisterExtension
    static final GatewayExtension gateway =
            GatewayExtension.with("""
                bactrian.defaults.backoff=10ms
                bactrian.defaults.breaker.failures=1000\
                """).openai("o", "f").anthropic("a", "b");

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void schema_is_asked_for_in_the_targets_own_way(boolean stream) {
        gateway.stub("a").answers(Reply.text(WARM));
        gateway.stub("o").answers(Reply.text(WARM));
        String model = gateway.freshModel();

        Caller.CHAT.assertWhole(
                gateway.ask(Caller.CHAT, "a/" + model, stream, schema(Caller.CHAT, SCHEMA)), stream, WARM);

        Caller.MESSAGES.assertWhole(
                gateway.ask(Caller.MESSAGES, "o/" + model, stream, schema(Caller.MESSAGES, SCHEMA)), stream, WARM);

        assertThat(gateway.stub("a")
                        .call(1)
                        .json()
                        .at("/output_config/format/schema/required/0")
                        .asText())
                .isEqualTo("warmth");
        assertThat(gateway.stub("o")
                        .call(1)
                        .json()
                        .at("/response_format/json_schema/schema/required/0")
                        .asText())
                .isEqualTo("warmth");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void who_refuses_a_schema_gives_its_answer_to_a_tool(boolean stream) {
        gateway.stub("a")
                .on(refuses(
                        call -> call.json().has("output_config"),
                        error(NOT_PERMITTED),
                        Reply.toolCall("bactrian_answer", WARM)));
        String model = "a/" + gateway.freshModel();

        Answer answer = gateway.ask(Caller.CHAT, model, stream, schema(Caller.CHAT, SCHEMA));

        Caller.CHAT.assertWhole(answer, stream, WARM);
        assertThat(answer.outcomes()).isEqualTo("a=UNSUPPORTED, a=OK");
        assertThat(answer.text()).doesNotContain("bactrian_answer", "tool_calls\":[{");
        assertThat(gateway.stub("a").call(2).json().at("/tool_choice/name").asText())
                .isEqualTo("bactrian_answer");

        Answer again = gateway.ask(Caller.CHAT, model, stream, schema(Caller.CHAT, SCHEMA));

        Caller.CHAT.assertWhole(again, stream, WARM);
        assertThat(again.outcomes()).isEqualTo("a=OK");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void answer_to_a_tool_is_held_to_the_schema_as_well(boolean stream) {
        gateway.stub("a")
                .on(refuses(
                        call -> call.json().has("output_config"),
                        error(NOT_PERMITTED),
                        Reply.toolCall("bactrian_answer", "{\"cold\":1}")));
        gateway.stub("f").answers(Reply.text(WARM));
        String model = gateway.freshModel();

        Answer answer = gateway.ask(Request.of("a/" + model).by(Caller.CHAT).stream(stream)
                .fields(schema(Caller.CHAT, SCHEMA))
                .fallbacks("f/" + model));

        Caller.CHAT.assertWhole(answer, stream, WARM);
        assertThat(answer.outcomes()).isEqualTo("a=UNSUPPORTED, a=INVALID_RESPONSE, a=INVALID_RESPONSE, f=OK");
        assertThat(answer.text()).doesNotContain("cold");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void json_mode_wants_an_object_of_a_target_without_one(boolean stream) {
        String mode = "{'response_format':{'type':'json_object'}}".replace('\'', '"');
        for (String bad : List.of("It is warm.", "[1]", "21", "", "{\"warmth\":21", "```json\n{}\n```", "{} Done.")) {
            gateway.stub("a").answers(Reply.text(bad));
            gateway.stub("f").answers(Reply.text(WARM));
            String model = gateway.freshModel();

            Answer answer = gateway.ask(Request.of("a/" + model).by(Caller.CHAT).stream(stream)
                    .fields(mode)
                    .fallbacks("f/" + model));

            Caller.CHAT.assertWhole(answer, stream, WARM);
            assertThat(answer.outcomes()).as(bad).isEqualTo("a=INVALID_RESPONSE, a=INVALID_RESPONSE, f=OK");
        }
        for (String good : List.of(WARM, "{}", " {\"a\":[1,{}]}\n")) {
            gateway.stub("a").answers(Reply.text(good));
            String model = "a/" + gateway.freshModel();

            Caller.CHAT.assertWhole(gateway.ask(Caller.CHAT, model, stream, mode), stream, good);
        }
        gateway.stub("o").answers(Reply.text("It is warm."));
        Answer own = gateway.ask(Caller.CHAT, "o/" + gateway.freshModel(), stream, mode);
        Caller.CHAT.assertWhole(own, stream, "It is warm.");
    }

    @ParameterizedTest
    @MethodSource("io.bactrian.testing.Caller#ways")
    void answer_that_breaks_the_schema_leads_to_the_next(Caller caller, boolean stream) {
        String first = caller == Caller.CHAT ? "a" : "o";
        for (String bad : List.of("{\"warmth\":\"hot\"}", "{\"warmth\":21", "It is warm.", "[]")) {
            gateway.stub(first).answers(Reply.text(bad));
            gateway.stub("f").answers(Reply.text(WARM));
            gateway.stub("b").answers(Reply.text(WARM));
            String model = gateway.freshModel();

            Answer answer = gateway.ask(Request.of(first + "/" + model).by(caller).stream(stream)
                    .fields(schema(caller, SCHEMA))
                    .fallbacks(caller == Caller.CHAT ? "f/" + model : "b/" + model));

            caller.assertWhole(answer, stream, WARM);
            assertThat(answer.outcomes()).matches(first + "=INVALID_RESPONSE, " + first + "=INVALID_RESPONSE, [fb]=OK");
        }
    }

    @ParameterizedTest
    @MethodSource("io.bactrian.testing.Caller#ways")
    void nothing_of_an_answer_in_a_schema_goes_out_before_it_is_whole(Caller caller, boolean stream) {
        String first = caller == Caller.CHAT ? "a" : "o";
        String second = caller == Caller.CHAT ? "b" : "f";
        gateway.stub(first).answers(Reply.text("{ \"warmth\" : 20 }").cutAfter(3));
        gateway.stub(second).answers(Reply.text(WARM));
        String model = gateway.freshModel();

        Answer answer = gateway.ask(Request.of(first + "/" + model).by(caller).stream(stream)
                .fields(schema(caller, SCHEMA))
                .fallbacks(second + "/" + model));

        caller.assertWhole(answer, stream, WARM);
        assertThat(answer.outcomes()).isEqualTo(first + "=STREAM_BROKEN, " + second + "=OK");
        assertThat(answer.text()).doesNotContain("rescued");
    }

    @ParameterizedTest
    @MethodSource("io.bactrian.testing.Caller#ways")
    void answer_that_was_cut_short_or_refused_comes_back_as_it_is(Caller caller, boolean stream) {
        String provider = caller == Caller.CHAT ? "a" : "o";
        for (String reason : List.of("length", "content_filter")) {
            gateway.stub(provider).answers(Reply.text("{\"warmth\": ").finish(reason));
            String model = gateway.freshModel();

            Answer answer = gateway.ask(Request.of(provider + "/" + model).by(caller).stream(stream)
                    .fields(schema(caller, SCHEMA))
                    .fallbacks("f/" + model));

            assertThat(answer.status()).isEqualTo(200);
            assertThat(caller.words(answer)).isEqualTo("{\"warmth\": ");
            assertThat(gateway.stub(provider).lastCall().model()).isEqualTo(model);
            assertThat(answer.outcomes()).isEqualTo(provider + (reason.equals("length") ? "=OK" : "=CONTENT_POLICY"));
        }
    }

    @ParameterizedTest
    @MethodSource("io.bactrian.testing.Caller#ways")
    void schema_that_is_none_costs_no_call(Caller caller, boolean stream) {
        String provider = caller == Caller.CHAT ? "a" : "o";
        for (String bad : List.of("{'type':'objekt'}", "{'$ref':'#/$defs/none'}", "{'pattern':'['}", "{'$ref':'#'}")) {
            String model = gateway.freshModel();

            Answer answer = gateway.ask(Request.of(provider + "/" + model).by(caller).stream(stream)
                    .fields(schema(caller, bad))
                    .fallbacks((caller == Caller.CHAT ? "b/" : "f/") + model));

            assertThat(answer.status()).as(answer.text()).isEqualTo(400);
            assertThat(answer.error("type")).isEqualTo("invalid_request_error");
            assertThat(answer.error("message")).contains("schema");
            assertThat(gateway.stubs().flatMap(stub -> stub.calls().stream())).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("io.bactrian.testing.Caller#ways")
    void schema_that_the_gateway_cannot_check_goes_to_a_target_that_checks_it_itself(Caller caller, boolean stream) {
        String provider = caller == Caller.CHAT ? "a" : "o";
        String model = gateway.freshModel();

        Answer answer = gateway.ask(Request.of(provider + "/" + model).by(caller).stream(stream)
                .fields(schema(caller, "{'pattern':'['}"))
                .fallbacks((caller == Caller.CHAT ? "f/" : "b/") + model));

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.header("x-bactrian-skipped")).isEqualTo(provider + "/" + model + "=translation");
    }

    @ParameterizedTest
    @MethodSource("io.bactrian.testing.Caller#ways")
    void schema_elsewhere_is_never_fetched(Caller caller, boolean stream) {
        String provider = caller == Caller.CHAT ? "a" : "o";
        try (StubProvider elsewhere = StubProvider.openai()) {
            String schema = "{'type':'object','properties':{'a':{'$ref':'" + elsewhere.baseUrl() + "/s.json'}}}";

            Answer answer = gateway.ask(caller, provider + "/" + gateway.freshModel(), stream, schema(caller, schema));

            assertThat(answer.status()).isEqualTo(400);
            assertThat(elsewhere.acceptedConnections()).isZero();
        }
    }

    private static String schema(Caller caller, String schema) {
        return quoted(
                caller == Caller.CHAT
                        ? "{'response_format':{'type':'json_schema','json_schema':{'name':'n','schema':" + schema
                                + "}}}"
                        : "{'output_config':{'format':{'type':'json_schema','schema':" + schema + "}}}");
    }

    private static Function<Call, Reply> refuses(Predicate<Call> what, Reply refusal, Reply answer) {
        return call -> what.test(call) ? refusal : answer;
    }

    private static Reply error(String message) {
        return Reply.error(400, "invalid_request_error", null, message);
    }

    private static String quoted(String json) {
        return json.replace('\'', '"');
    }
}
