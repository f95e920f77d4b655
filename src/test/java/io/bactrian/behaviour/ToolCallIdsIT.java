package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Call;
import io.bactrian.testing.Caller;
import io.bactrian.testing.Fixture;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ids of tool calls: rewritten for a target that refuses them, and paired with their results. */
final class ToolCallIdsIT {
    private static final String WORDS = "One two three four.";
    private static final String NINE = """
        {"object":"error","message":"Tool call id was %s but must be a-z, A-Z, 0-9, with a length of 9.","type":"invalid_request_error","param":null,"code":"3280"}""";

    @RegisterExtension
    static final GatewayExtension gateway =
            GatewayExtension.with("""
                bactrian.defaults.backoff=10ms
                bactrian.defaults.breaker.failures=1000""").openai("o", "f").anthropic("a", "b");

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ids_that_are_too_long_are_rewritten_for_who_refuses_them(boolean stream) {
        Fixture tooLong = Fixture.of("openai/error_400_tool_id_too_long");
        gateway.stub("o")
                .on(refuses(
                        call -> ids(call).stream().anyMatch(id -> id.length() > 40),
                        Reply.body(400, tooLong.body(), tooLong.headers()),
                        Reply.text(WORDS)));
        String model = "o/" + gateway.freshModel();
        String history = chatHistory("call_" + "x".repeat(50), "call_" + "x".repeat(49) + "y");

        Answer answer = gateway.ask(Caller.CHAT, model, stream, history);

        Caller.CHAT.assertWhole(answer, stream, WORDS);
        assertThat(answer.outcomes()).isEqualTo("o=UNSUPPORTED, o=OK");
        paired(gateway.stub("o").call(2), "[A-Za-z0-9_-]{1,40}");
        assertThat(gateway.stub("o").call(2).text()).contains("\"seed\":7");

        Answer again = gateway.ask(Caller.CHAT, model, stream, history);

        assertThat(again.outcomes()).isEqualTo("o=OK");
        assertThat(ids(gateway.stub("o").call(3)))
                .isEqualTo(ids(gateway.stub("o").call(2)));
    }

    @ParameterizedTest
    @MethodSource("io.bactrian.testing.Caller#ways")
    void ids_of_nine_letters_are_made_for_who_takes_no_others(Caller caller, boolean stream) {
        gateway.stub("o").on(call -> ids(call).stream()
                .filter(id -> !id.matches("[A-Za-z0-9]{9}"))
                .findFirst()
                .map(id -> Reply.status(400, NINE.formatted(id)))
                .orElse(Reply.text(WORDS)));
        String model = "o/" + gateway.freshModel();
        String history = history(caller, "call_abc", "call_abd");

        Answer answer = gateway.ask(caller, model, stream, history);

        caller.assertWhole(answer, stream, WORDS);
        assertThat(answer.outcomes()).isEqualTo("o=UNSUPPORTED, o=OK");
        paired(gateway.stub("o").call(2), "[A-Za-z0-9]{9}");

        assertThat(gateway.ask(caller, model, stream, history).outcomes()).isEqualTo("o=OK");
        paired(gateway.stub("o").call(3), "[A-Za-z0-9]{9}");
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void result_without_its_call_is_the_callers_mistake_and_costs_one_call(Caller caller) {
        gateway.stub("o")
                .answers(error("An assistant message with 'tool_calls' must be followed by tool messages responding to"
                        + " each 'tool_call_id'. The following tool_call_ids did not have response messages: call.1"));

        Answer answer = gateway.ask(caller, "o/" + gateway.freshModel(), false, history(caller, "call.1", "call.2"));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.outcomes()).isEqualTo("o=INVALID_REQUEST");
    }

    @ParameterizedTest
    @CsvSource({"CHAT,functions.look:0,functions.look:1", "MESSAGES,functions.look:0,chatcmpl/tool 1"})
    void ids_with_odd_characters_never_reach_anthropic(Caller caller, String one, String two) {
        Answer answer = gateway.ask(caller, "a/" + gateway.freshModel(), true, history(caller, one, two));

        assertThat(answer.outcomes()).isEqualTo("a=OK");
        List<String> calls = new ArrayList<>();
        List<String> results = new ArrayList<>();
        JsonNode messages = gateway.stub("a").call(1).json().path("messages");
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
        gateway.stub("o").answers(Reply.status(200, """
            {"id":"c1","object":"chat.completion","created":1,"model":"gpt","choices":[{"index":0,"finish_reason":"tool_calls",
             "message":{"role":"assistant","content":null,"tool_calls":[
              {"id":"functions.look:7","type":"function","function":{"name":"look","arguments":"{}"}}]}}]}"""));
        String model = gateway.freshModel();
        String odd = "toolu.from/another:vendor-" + "7".repeat(40);

        Answer first = gateway.ask(Caller.MESSAGES, "o/" + model, stream, messagesHistory(odd, "toolu_2"));

        Call told = gateway.stub("o").call(1);
        paired(told, "[A-Za-z0-9_-]{1,40}");
        assertThat(told.json().findValuesAsText("url")).containsExactly("data:image/png;base64,iVBORw0KGgo=");
        assertThat(first.status()).isEqualTo(200);
        assertThat(first.text()).contains("\"tool_use\"");

        Answer second = gateway.ask(Caller.MESSAGES, "a/" + model, stream, messagesHistory("functions.look:7", odd));

        assertThat(second.outcomes()).isEqualTo("a=OK");
        JsonNode messages = gateway.stub("a").call(1).json().path("messages");
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
             'tools':[{'type':'function','function':{'name':'look','parameters':{'type':'object','properties':{}}}}]}""".formatted(one, two));
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
             'tools':[{'name':'look','input_schema':{'type':'object','properties':{}}}]}""".formatted(one, two));
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
