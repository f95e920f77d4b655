package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Call;
import io.bactrian.testing.Caller;
import io.bactrian.testing.Fixture;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Scene;
import io.bactrian.testing.StubProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who refuses only how it was asked is asked in another way, at once, and from then on. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RefusalsIT {
    private static final String WORDS = "One two three four.";
    private static final String WARM = "{\"warmth\":21}";
    private static final String SCHEMA =
            "{'type':'object','properties':{'warmth':{'type':'number'}},'required':['warmth'],'additionalProperties':false}";
    private static final String NOT_PERMITTED = "output_config: Extra inputs are not permitted";
    private static final String NINE = """
        {"object":"error","message":"Tool call id was %s but must be a-z, A-Z, 0-9, with a length of 9.","type":"invalid_request_error","param":null,"code":"3280"}\
        """;

    private final Scene scene = Scene.with("""
        bactrian.defaults.backoff=10ms
        bactrian.defaults.breaker.failures=1000\
        """).openai("o", "f").anthropic("a", "b");

    @BeforeAll
    void start() {
        scene.start();
    }

    @AfterAll
    void stop() {
        scene.close();
    }

    @BeforeEach
    void reset() {
        scene.reset();
    }

    static Stream<Arguments> ways() {
        return Stream.of(Caller.values())
                .flatMap(caller -> Stream.of(true, false).map(stream -> Arguments.of(caller, stream)));
    }

    static Stream<Arguments> streamRefusals() {
        return ways().flatMap(way -> Stream.of(
                        "o|stream|{'error':{'message':'Your organization must be verified to stream this"
                            + " model.','type':'invalid_request_error','param':'stream','code':'unsupported_value'}}",
                        "o|stream|{'error':{'message':'stream is not"
                                + " supported','type':'invalid_request_error','param':null,'code':null}}",
                        "o|stream|{'detail':[{'type':'extra_forbidden','loc':['body','stream'],'msg':'Extra inputs are"
                                + " not permitted'}]}",
                        "o|stream_options|{'error':{'message':'Unrecognized request argument supplied:"
                                + " stream_options','type':'invalid_request_error','param':null,'code':null}}",
                        "o|stream_options|{'detail':[{'type':'extra_forbidden','loc':['body','stream_options'],'msg':'Extra"
                            + " inputs are not permitted'}]}",
                        "o|stream_options|{'object':'error','message':'stream_options is"
                                + " unsupported','type':'BadRequestError','code':400}",
                        "a|stream|{'type':'error','error':{'type':'invalid_request_error','message':'stream: Extra"
                                + " inputs are not permitted'}}")
                .map(row -> row.split("\\|"))
                .map(row -> Arguments.of(way.get()[0], way.get()[1], row[0], row[1], row[2])));
    }

    @ParameterizedTest(name = "{0} stream {1}: {2} refuses {3}: {4}")
    @MethodSource("streamRefusals")
    void refused_stream_is_asked_for_otherwise_and_remembered(
            Caller caller, boolean stream, String provider, String field, String refusal) {
        int status = refusal.contains("loc") ? 422 : 400;
        scene.stub(provider)
                .on(refuses(call -> call.json().has(field), Reply.status(status, quoted(refusal)), Reply.text(WORDS)));
        String model = provider + "/" + scene.freshModel();

        Answer answer = ask(caller, model, stream, "{}");

        whole(caller, answer, stream, WORDS);
        assertThat(answer.outcomes()).isEqualTo(provider + "=UNSUPPORTED, " + provider + "=OK");
        assertThat(answer.text()).doesNotContain("refused", "not supported", "Unrecognized", "permitted", "verified");
        assertThat(answer.header("x-bactrian-fallbacks")).isEqualTo("0");

        Answer again = ask(caller, model, stream, "{}");

        whole(caller, again, stream, WORDS);
        assertThat(again.outcomes()).as("it is remembered").isEqualTo(provider + "=OK");
    }

    @ParameterizedTest
    @MethodSource("ways")
    void one_that_refuses_the_options_and_the_stream_is_asked_thrice_at_most(Caller caller, boolean stream) {
        scene.stub("o")
                .on(call -> call.json().has("stream_options")
                        ? error("Unrecognized request argument supplied: stream_options")
                        : call.wantsStream() ? error("Streaming is not supported for this model") : Reply.text(WORDS));
        String model = scene.freshModel();

        Answer answer = along(caller, stream, "{}", "o/" + model, "f/" + model);

        whole(caller, answer, stream, WORDS);
        assertThat(answer.outcomes()).isEqualTo("o=UNSUPPORTED, o=UNSUPPORTED, o=OK");
        assertThat(along(caller, stream, "{}", "o/" + model, "f/" + model).outcomes())
                .isEqualTo("o=OK");
    }

    @ParameterizedTest
    @MethodSource("ways")
    void words_of_the_caller_in_a_refusal_teach_nothing(Caller caller, boolean stream) {
        scene.stub("o")
                .answers(
                        Reply.status(
                                400,
                                quoted(
                                        "{'error':{'message':'Unrecognized characters: a stream at a temperature with"
                                            + " stream_options','type':'invalid_request_error','param':'messages[0].content','code':'invalid_value'}}")),
                        Reply.text(WORDS));
        String model = "o/" + scene.freshModel();

        Answer answer = ask(caller, model, stream, "{\"temperature\":0.5}");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.outcomes()).isEqualTo("o=INVALID_REQUEST");

        ask(caller, model, stream, "{\"temperature\":0.5}");

        assertThat(scene.stub("o").call(2).json())
                .isEqualTo(scene.stub("o").call(1).json());
        assertThat(scene.stub("o").call(2).wantsStream()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void mistake_in_a_value_is_the_callers_and_stays_so(Caller caller, boolean stream) {
        scene.stub("o")
                .answers(
                        Reply.status(
                                400,
                                quoted(
                                        "{'error':{'message':'Invalid temperature: decimal above maximum value."
                                            + " Expected a value <= 2, but got 5"
                                            + " instead.','type':'invalid_request_error','param':'temperature','code':'decimal_above_max_value'}}")));
        String model = "o/" + scene.freshModel();

        for (int i = 1; i <= 2; i++) {
            Answer answer = ask(caller, model, stream, "{\"temperature\":5}");

            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.outcomes()).isEqualTo("o=INVALID_REQUEST");
            assertThat(scene.stub("o").call(i).json().path("temperature").asInt())
                    .isEqualTo(5);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void schema_is_asked_for_in_the_targets_own_way(boolean stream) {
        scene.stub("a").answers(Reply.text(WARM));
        scene.stub("o").answers(Reply.text(WARM));
        String model = scene.freshModel();

        whole(Caller.CHAT, ask(Caller.CHAT, "a/" + model, stream, schema(Caller.CHAT, SCHEMA)), stream, WARM);
        whole(
                Caller.MESSAGES,
                ask(Caller.MESSAGES, "o/" + model, stream, schema(Caller.MESSAGES, SCHEMA)),
                stream,
                WARM);

        assertThat(scene.stub("a")
                        .call(1)
                        .json()
                        .at("/output_config/format/schema/required/0")
                        .asText())
                .isEqualTo("warmth");
        assertThat(scene.stub("o")
                        .call(1)
                        .json()
                        .at("/response_format/json_schema/schema/required/0")
                        .asText())
                .isEqualTo("warmth");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void who_refuses_a_schema_gives_its_answer_to_a_tool(boolean stream) {
        scene.stub("a")
                .on(refuses(
                        call -> call.json().has("output_config"),
                        error(NOT_PERMITTED),
                        Reply.toolCall("bactrian_answer", WARM)));
        String model = "a/" + scene.freshModel();

        Answer answer = ask(Caller.CHAT, model, stream, schema(Caller.CHAT, SCHEMA));

        whole(Caller.CHAT, answer, stream, WARM);
        assertThat(answer.outcomes()).isEqualTo("a=UNSUPPORTED, a=OK");
        assertThat(answer.text()).doesNotContain("bactrian_answer", "tool_calls\":[{");
        assertThat(scene.stub("a").call(2).json().at("/tool_choice/name").asText())
                .isEqualTo("bactrian_answer");

        Answer again = ask(Caller.CHAT, model, stream, schema(Caller.CHAT, SCHEMA));

        whole(Caller.CHAT, again, stream, WARM);
        assertThat(again.outcomes()).isEqualTo("a=OK");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void answer_to_a_tool_is_held_to_the_schema_as_well(boolean stream) {
        scene.stub("a")
                .on(refuses(
                        call -> call.json().has("output_config"),
                        error(NOT_PERMITTED),
                        Reply.toolCall("bactrian_answer", "{\"cold\":1}")));
        scene.stub("f").answers(Reply.text(WARM));
        String model = scene.freshModel();

        Answer answer = along(Caller.CHAT, stream, schema(Caller.CHAT, SCHEMA), "a/" + model, "f/" + model);

        whole(Caller.CHAT, answer, stream, WARM);
        assertThat(answer.outcomes()).isEqualTo("a=UNSUPPORTED, a=INVALID_RESPONSE, a=INVALID_RESPONSE, f=OK");
        assertThat(answer.text()).doesNotContain("cold");
    }

    @ParameterizedTest
    @MethodSource("ways")
    void answer_that_breaks_the_schema_leads_to_the_next(Caller caller, boolean stream) {
        String first = caller == Caller.CHAT ? "a" : "o";
        for (String bad : List.of("{\"warmth\":\"hot\"}", "{\"warmth\":21", "It is warm.", "[]")) {
            scene.stub(first).answers(Reply.text(bad));
            scene.stub("f").answers(Reply.text(WARM));
            scene.stub("b").answers(Reply.text(WARM));
            String model = scene.freshModel();

            Answer answer = along(
                    caller,
                    stream,
                    schema(caller, SCHEMA),
                    first + "/" + model,
                    caller == Caller.CHAT ? "f/" + model : "b/" + model);

            whole(caller, answer, stream, WARM);
            assertThat(answer.outcomes()).matches(first + "=INVALID_RESPONSE, " + first + "=INVALID_RESPONSE, [fb]=OK");
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void nothing_of_an_answer_in_a_schema_goes_out_before_it_is_whole(Caller caller, boolean stream) {
        String first = caller == Caller.CHAT ? "a" : "o";
        String second = caller == Caller.CHAT ? "b" : "f";
        scene.stub(first).answers(Reply.text("{ \"warmth\" : 20 }").cutAfter(3));
        scene.stub(second).answers(Reply.text(WARM));
        String model = scene.freshModel();

        Answer answer = along(caller, stream, schema(caller, SCHEMA), first + "/" + model, second + "/" + model);

        whole(caller, answer, stream, WARM);
        assertThat(answer.outcomes()).isEqualTo(first + "=STREAM_BROKEN, " + second + "=OK");
        assertThat(answer.text()).doesNotContain("rescued");
    }

    @ParameterizedTest
    @MethodSource("ways")
    void answer_that_was_cut_short_or_refused_comes_back_as_it_is(Caller caller, boolean stream) {
        String provider = caller == Caller.CHAT ? "a" : "o";
        for (String reason : List.of("length", "content_filter")) {
            scene.stub(provider).answers(Reply.text("{\"warmth\": ").finish(reason));
            String model = scene.freshModel();

            Answer answer = along(caller, stream, schema(caller, SCHEMA), provider + "/" + model, "f/" + model);

            assertThat(answer.status()).isEqualTo(200);
            assertThat(caller.words(answer)).isEqualTo("{\"warmth\": ");
            assertThat(scene.stub(provider).lastCall().model()).isEqualTo(model);
            assertThat(answer.outcomes()).isEqualTo(provider + (reason.equals("length") ? "=OK" : "=CONTENT_POLICY"));
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void schema_that_is_none_costs_no_call(Caller caller, boolean stream) {
        String provider = caller == Caller.CHAT ? "a" : "o";
        for (String bad : List.of("{'type':'objekt'}", "{'$ref':'#/$defs/none'}", "{'pattern':'['}", "{'$ref':'#'}")) {
            String model = scene.freshModel();

            Answer answer = along(caller, stream, schema(caller, bad), provider + "/" + model, "f/" + model);

            assertThat(answer.status()).as(answer.text()).isEqualTo(400);
            assertThat(answer.error("type")).isEqualTo("invalid_request_error");
            assertThat(answer.error("message")).contains("schema");
            assertThat(scene.stubs().flatMap(stub -> stub.calls().stream())).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void schema_elsewhere_is_never_fetched(Caller caller, boolean stream) {
        String provider = caller == Caller.CHAT ? "a" : "o";
        try (StubProvider elsewhere = StubProvider.openai()) {
            String schema = "{'type':'object','properties':{'a':{'$ref':'" + elsewhere.baseUrl() + "/s.json'}}}";

            Answer answer = ask(caller, provider + "/" + scene.freshModel(), stream, schema(caller, schema));

            assertThat(answer.status()).isEqualTo(400);
            assertThat(elsewhere.acceptedConnections()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ids_that_are_too_long_are_rewritten_for_who_refuses_them(boolean stream) {
        Fixture tooLong = Fixture.of("openai/error_400_tool_id_too_long");
        scene.stub("o")
                .on(refuses(
                        call -> ids(call).stream().anyMatch(id -> id.length() > 40),
                        Reply.body(400, tooLong.body(), tooLong.headers()),
                        Reply.text(WORDS)));
        String model = "o/" + scene.freshModel();
        String history = chatHistory("call_" + "x".repeat(50), "call_" + "x".repeat(49) + "y");

        Answer answer = ask(Caller.CHAT, model, stream, history);

        whole(Caller.CHAT, answer, stream, WORDS);
        assertThat(answer.outcomes()).isEqualTo("o=UNSUPPORTED, o=OK");
        paired(scene.stub("o").call(2), "[A-Za-z0-9_-]{1,40}");
        assertThat(scene.stub("o").call(2).text()).contains("\"seed\":7");

        Answer again = ask(Caller.CHAT, model, stream, history);

        assertThat(again.outcomes()).isEqualTo("o=OK");
        assertThat(ids(scene.stub("o").call(3))).isEqualTo(ids(scene.stub("o").call(2)));
    }

    @ParameterizedTest
    @MethodSource("ways")
    void ids_of_nine_letters_are_made_for_who_takes_no_others(Caller caller, boolean stream) {
        scene.stub("o").on(call -> ids(call).stream()
                .filter(id -> !id.matches("[A-Za-z0-9]{9}"))
                .findFirst()
                .map(id -> Reply.status(400, NINE.formatted(id)))
                .orElse(Reply.text(WORDS)));
        String model = "o/" + scene.freshModel();
        String history = history(caller, "call_abc", "call_abd");

        Answer answer = ask(caller, model, stream, history);

        whole(caller, answer, stream, WORDS);
        assertThat(answer.outcomes()).isEqualTo("o=UNSUPPORTED, o=OK");
        paired(scene.stub("o").call(2), "[A-Za-z0-9]{9}");

        assertThat(ask(caller, model, stream, history).outcomes()).isEqualTo("o=OK");
        paired(scene.stub("o").call(3), "[A-Za-z0-9]{9}");
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void result_without_its_call_is_the_callers_mistake_and_costs_one_call(Caller caller) {
        scene.stub("o")
                .answers(error("An assistant message with 'tool_calls' must be followed by tool messages responding to"
                        + " each 'tool_call_id'. The following tool_call_ids did not have response messages: call.1"));

        Answer answer = ask(caller, "o/" + scene.freshModel(), false, history(caller, "call.1", "call.2"));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.outcomes()).isEqualTo("o=INVALID_REQUEST");
    }

    @ParameterizedTest
    @CsvSource({"CHAT,functions.look:0,functions.look:1", "MESSAGES,functions.look:0,chatcmpl/tool 1"})
    void ids_with_odd_characters_never_reach_anthropic(Caller caller, String one, String two) {
        Answer answer = ask(caller, "a/" + scene.freshModel(), true, history(caller, one, two));

        assertThat(answer.outcomes()).isEqualTo("a=OK");
        List<String> calls = new ArrayList<>();
        List<String> results = new ArrayList<>();
        JsonNode messages = scene.stub("a").call(1).json().path("messages");
        messages.findParents("input")
                .forEach(block -> calls.add(block.path("id").asText()));
        messages.findParents("tool_use_id")
                .forEach(block -> results.add(block.path("tool_use_id").asText()));
        assertThat(calls).hasSize(2).doesNotHaveDuplicates().allMatch(id -> id.matches("[A-Za-z0-9_-]+"));
        assertThat(results).containsExactlyElementsOf(calls);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void history_with_images_and_results_goes_from_messages_to_chat_and_back(boolean stream) {
        scene.stub("o").answers(Reply.status(200, """
            {"id":"c1","object":"chat.completion","created":1,"model":"gpt","choices":[{"index":0,"finish_reason":"tool_calls",
             "message":{"role":"assistant","content":null,"tool_calls":[
              {"id":"functions.look:7","type":"function","function":{"name":"look","arguments":"{}"}}]}}]}\
            """));
        String model = scene.freshModel();
        String odd = "toolu.from/another:vendor-" + "7".repeat(40);

        Answer first = ask(Caller.MESSAGES, "o/" + model, stream, messagesHistory(odd, "toolu_2"));

        Call told = scene.stub("o").call(1);
        paired(told, "[A-Za-z0-9_-]{1,40}");
        assertThat(told.json().findValuesAsText("url")).containsExactly("data:image/png;base64,iVBORw0KGgo=");
        assertThat(first.status()).isEqualTo(200);
        assertThat(first.text()).contains("\"tool_use\"");

        Answer second = ask(Caller.MESSAGES, "a/" + model, stream, messagesHistory("functions.look:7", odd));

        assertThat(second.outcomes()).isEqualTo("a=OK");
        JsonNode messages = scene.stub("a").call(1).json().path("messages");
        assertThat(messages.findValuesAsText("tool_use_id"))
                .hasSize(2)
                .isEqualTo(messages.at("/1/content").findValuesAsText("id"))
                .allMatch(id -> id.matches("[A-Za-z0-9_-]+"));
        assertThat(messages.findValuesAsText("data")).containsExactly("iVBORw0KGgo=");
    }

    /** Both calls and their results, under ids that are alike in pairs. */
    private static void paired(Call call, String form) {
        List<String> ids = ids(call);
        assertThat(ids).hasSize(4).allMatch(id -> id.matches(form));
        assertThat(ids.subList(0, 2)).doesNotHaveDuplicates().isEqualTo(ids.subList(2, 4));
    }

    /** The ids of tool calls in a Chat Completions request, then those of the results. */
    private static List<String> ids(Call call) {
        JsonNode messages = call.json().path("messages");
        List<String> ids = new ArrayList<>();
        messages.forEach(message ->
                message.path("tool_calls").forEach(one -> ids.add(one.path("id").asText())));
        ids.addAll(messages.findValuesAsText("tool_call_id"));
        return ids;
    }

    private static String history(Caller caller, String one, String two) {
        return caller == Caller.CHAT ? chatHistory(one, two) : messagesHistory(one, two);
    }

    private static String chatHistory(String one, String two) {
        return quoted("""
            {'seed':7,'messages':[{'role':'user','content':'Look twice.'},
             {'role':'assistant','content':null,'tool_calls':[
              {'id':'%1$s','type':'function','function':{'name':'look','arguments':'{}'}},
              {'id':'%2$s','type':'function','function':{'name':'look','arguments':'{}'}}]},
             {'role':'tool','tool_call_id':'%1$s','content':'a house'},
             {'role':'tool','tool_call_id':'%2$s','content':'a tree'}],
             'tools':[{'type':'function','function':{'name':'look','parameters':{'type':'object','properties':{}}}}]}\
            """.formatted(one, two));
    }

    private static String messagesHistory(String one, String two) {
        return quoted("""
            {'messages':[{'role':'user','content':[{'type':'text','text':'Look twice.'},
              {'type':'image','source':{'type':'base64','media_type':'image/png','data':'iVBORw0KGgo='}}]},
             {'role':'assistant','content':[
              {'type':'tool_use','id':'%1$s','name':'look','input':{}},
              {'type':'tool_use','id':'%2$s','name':'look','input':{}}]},
             {'role':'user','content':[
              {'type':'tool_result','tool_use_id':'%1$s','content':'a house'},
              {'type':'tool_result','tool_use_id':'%2$s','content':[{'type':'text','text':'a tree'}]}]}],
             'tools':[{'name':'look','input_schema':{'type':'object','properties':{}}}]}\
            """.formatted(one, two));
    }

    private static String schema(Caller caller, String schema) {
        return quoted(
                caller == Caller.CHAT
                        ? "{'response_format':{'type':'json_schema','json_schema':{'name':'n','schema':" + schema
                                + "}}}"
                        : "{'output_config':{'format':{'type':'json_schema','schema':" + schema + "}}}");
    }

    private Answer ask(Caller caller, String model, boolean stream, String fields) {
        return scene.post(caller.path(), caller.body(model, stream, fields));
    }

    private Answer along(Caller caller, boolean stream, String fields, String first, String second) {
        String more = fields.equals("{}") ? "}" : "," + fields.substring(1);
        return ask(caller, first, stream, "{\"fallbacks\":[\"" + second + "\"]" + more);
    }

    private static void whole(Caller caller, Answer answer, boolean stream, String words) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.header("content-type")).startsWith(stream ? "text/event-stream" : "application/json");
        assertThat(caller.words(answer)).as(answer.text()).isEqualTo(words);
        if (stream) {
            assertThat(caller.done(answer)).isTrue();
            assertThat(caller.finishes(answer)).containsExactly(caller == Caller.CHAT ? "stop" : "end_turn");
        }
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
