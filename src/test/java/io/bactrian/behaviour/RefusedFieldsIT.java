package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Call;
import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Refusals of parts of a request that can be left out or written otherwise: the target is asked again at once without them. */
final class RefusedFieldsIT {
    private static final String WORDS = "One two three four.";
    private static final String HISTORY = """
        {"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello","reasoning_content":"hm","refusal":null,
         "annotations":[],"audio":null,"function_call":null},{"role":"user","content":"And now?"}]}\
        """;

    private static final String THOUGHTS = """
        {"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":[
         {"type":"thinking","thinking":"hm","signature":"c2ln"},{"type":"text","text":"Hello"}]},{"role":"user","content":"And now?"}]}\
        """;

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with("bactrian.defaults.max-attempts=1")
            .openai("o")
            .anthropic("a");

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '^', textBlock = """
        false | 400 | {"error":{"message":"'messages.1' : for 'role:assistant' the following must be satisfied[('messages.1' : property 'reasoning_content' is unsupported)]","type":"invalid_request_error"}}
        true | 400 | {"error":{"message":"Unknown parameter: 'messages[1].reasoning_content'.","type":"invalid_request_error","param":"messages[1].reasoning_content","code":"unknown_parameter"}}
        false | 422 | {"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","messages",1,"assistant","reasoning_content"],"msg":"Extra inputs are not permitted","input":"hm"}]},"type":"invalid_request_error"}
        true | 422 | {"detail":[{"type":"extra_forbidden","loc":["body","messages",1,"assistant","reasoning_content"],"msg":"Extra inputs are not permitted"}]}
        """)
    void foreign_members_of_the_history_are_left_out_at_once_and_from_then_on(
            boolean stream, int status, String refusal) {
        gateway.stub("o").on(refuses(call -> call.text().contains("reasoning_content"), Reply.status(status, refusal)));
        String model = "o/" + gateway.freshModel();

        Answer answer = gateway.ask(Caller.CHAT, model, stream, HISTORY);

        Caller.CHAT.assertWhole(answer, stream, WORDS);
        assertThat(answer.outcomes()).isEqualTo("o=UNSUPPORTED, o=OK");
        assertThat(answer.header("x-bactrian-dropped")).isEqualTo("messages.reasoning_content");
        assertThat(gateway.stub("o").call(1).json().at("/messages/1").size()).isEqualTo(7);
        JsonNode sent = gateway.stub("o").call(2).json().at("/messages/1");
        assertThat(sent.properties()).extracting(field -> field.getKey()).containsExactly("role", "content");

        assertThat(gateway.ask(Caller.CHAT, model, stream, HISTORY).outcomes()).isEqualTo("o=OK");
        assertThat(gateway.ask(Caller.CHAT, "o/" + gateway.freshModel(), stream, HISTORY)
                        .outcomes())
                .as("other models are asked with all")
                .isEqualTo("o=UNSUPPORTED, o=OK");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void developers_speak_as_the_system_to_who_knows_no_developers(boolean stream) {
        gateway.stub("o")
                .on(refuses(
                        call -> call.text().contains("developer"),
                        error("messages[0].role: unknown variant `developer`, expected one of `system`, `user`")));
        String model = "o/" + gateway.freshModel();
        String fields = "{\"messages\":[{\"role\":\"developer\",\"content\":\"Be"
                + " brief.\"},{\"role\":\"user\",\"content\":\"Hi\"}]}";

        Answer answer = gateway.ask(Caller.CHAT, model, stream, fields);

        Caller.CHAT.assertWhole(answer, stream, WORDS);
        assertThat(answer.outcomes()).isEqualTo("o=UNSUPPORTED, o=OK");
        assertThat(answer.header("x-bactrian-degraded")).isEqualTo("false");
        assertThat(gateway.stub("o").call(2).json().at("/messages/0/role").asText())
                .isEqualTo("system");
        assertThat(gateway.ask(Caller.CHAT, model, stream, fields).outcomes()).isEqualTo("o=OK");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void refused_beta_is_left_out_of_the_header(boolean stream) {
        gateway.stub("a")
                .on(refuses(
                        call -> String.valueOf(call.header("anthropic-beta")).contains("new-2026"),
                        error("Unexpected value(s) `new-2026-01-05` for the `anthropic-beta` header.")));
        String model = "a/" + gateway.freshModel();

        Answer answer =
                gateway.ask(Caller.MESSAGES, model, stream, "{}", "anthropic-beta", "new-2026-01-05,old-2024-01-05");

        Caller.MESSAGES.assertWhole(answer, stream, WORDS);
        assertThat(answer.outcomes()).isEqualTo("a=UNSUPPORTED, a=OK");
        assertThat(gateway.stub("a").call(2).header("anthropic-beta")).isEqualTo("old-2024-01-05");
        assertThat(answer.header("x-bactrian-dropped")).isEqualTo("anthropic-beta");
        assertThat(gateway.ask(Caller.MESSAGES, model, stream, "{}", "anthropic-beta", "new-2026-01-05")
                        .outcomes())
                .isEqualTo("a=OK");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void reasoning_with_a_foreign_signature_is_left_out_of_this_request(boolean stream) {
        gateway.stub("a")
                .on(refuses(
                        call -> call.text().contains("c2ln"),
                        error("messages.1.content.0: Invalid `signature` in `thinking` block")));
        String model = "a/" + gateway.freshModel();

        Answer answer = gateway.ask(Caller.MESSAGES, model, stream, THOUGHTS);

        Caller.MESSAGES.assertWhole(answer, stream, WORDS);
        assertThat(answer.outcomes()).isEqualTo("a=UNSUPPORTED, a=OK");
        assertThat(gateway.stub("a").call(2).json().at("/messages/1/content").size())
                .isEqualTo(1);

        String own = THOUGHTS.replace("c2ln", "b3du");
        assertThat(gateway.ask(Caller.MESSAGES, model, stream, own).outcomes()).isEqualTo("a=OK");
        assertThat(gateway.stub("a").call(3).text())
                .as("its own reasoning stays")
                .contains("b3du");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '^', textBlock = """
        CHAT | temperature | {"temperature":0.7} | invalid temperature: only 1 is allowed for this model
        MESSAGES | temperature | {"temperature":0.7} | invalid temperature: only 1 is allowed for this model
        CHAT | reasoning_effort | {"reasoning_effort":"low"} | Unrecognized request argument supplied: reasoning_effort
        CHAT | seed | {"seed":7} | property 'seed' is unsupported
        CHAT | prompt_cache_key | {"prompt_cache_key":"k"} | prompt_cache_key: Extra inputs are not permitted
        """)
    void parameter_that_a_target_does_not_take_is_left_out_and_named(
            Caller caller, String field, String fields, String message) {
        gateway.stub("o").on(refuses(call -> call.json().has(field), error(message)));
        String model = "o/" + gateway.freshModel();

        Answer answer = gateway.ask(caller, model, false, fields);

        caller.assertWhole(answer, false, WORDS);
        assertThat(answer.outcomes()).isEqualTo("o=UNSUPPORTED, o=OK");
        assertThat(answer.header("x-bactrian-dropped")).isEqualTo(field);
        assertThat(answer.header("x-bactrian-degraded")).isEqualTo("features");
        assertThat(gateway.ask(caller, model, false, fields).outcomes()).isEqualTo("o=OK");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void limit_of_the_answer_is_sent_under_its_other_name(boolean stream) {
        gateway.stub("o")
                .on(refuses(
                        call -> call.json().has("max_tokens"),
                        error("Unsupported parameter: 'max_tokens' is not supported with this model. Use"
                                + " 'max_completion_tokens' instead.")));
        String model = "o/" + gateway.freshModel();

        Answer answer = gateway.ask(Caller.CHAT, model, stream, "{\"max_tokens\":50}");

        Caller.CHAT.assertWhole(answer, stream, WORDS);
        assertThat(answer.outcomes()).isEqualTo("o=UNSUPPORTED, o=OK");
        assertThat(answer.header("x-bactrian-degraded")).isEqualTo("false");
        assertThat(gateway.stub("o")
                        .call(2)
                        .json()
                        .path("max_completion_tokens")
                        .asInt())
                .isEqualTo(50);
    }

    @ParameterizedTest
    @CsvSource({"CHAT", "MESSAGES"})
    void part_that_is_needed_is_not_left_out(Caller caller) {
        gateway.stub("o").on(call -> error("tool_choice is not supported"));
        String tools = caller == Caller.CHAT
                ? "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"tool_choice\":\"required\"}"
                : "{\"tools\":[{\"name\":\"f\",\"input_schema\":{\"type\":\"object\"}}],\"tool_choice\":{\"type\":\"any\"}}";

        Answer answer = gateway.ask(caller, "o/" + gateway.freshModel(), false, tools);

        assertThat(answer.status()).as("the only refusal is returned").isEqualTo(400);
        assertThat(answer.error("message")).isEqualTo("tool_choice is not supported");
        assertThat(answer.outcomes()).isEqualTo("o=UNSUPPORTED");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void hints_for_a_cache_are_left_out_everywhere_at_once(boolean stream) {
        gateway.stub("a").on(call -> {
            for (String root : List.of("messages", "system", "tools")) {
                if (call.json().path(root).toString().contains("cache_control")) {
                    return error(root + ".0.cache_control: Extra inputs are not permitted");
                }
            }
            return Reply.text(WORDS);
        });
        String hints = """
            {"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],
             "tools":[{"name":"f","input_schema":{"type":"object"},"cache_control":{"type":"ephemeral"}}],
             "messages":[{"role":"user","content":[{"type":"text","text":"Hi","cache_control":{"type":"ephemeral"}}]}]}\
            """;

        Answer answer = gateway.ask(Caller.MESSAGES, "a/" + gateway.freshModel(), stream, hints);

        Caller.MESSAGES.assertWhole(answer, stream, WORDS);
        assertThat(answer.outcomes()).isEqualTo("a=UNSUPPORTED, a=OK");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '^', textBlock = """
        messages[0].content[1].file.file_data | {"messages":[{"role":"user","content":[{"type":"text","text":"Sum up"},{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERi0="}}]}]}
        guided_json | {"guided_json":{"type":"object"}}
        documents | {"documents":[{"text":"fact"}]}
        """)
    void content_and_formats_are_never_left_out(String name, String fields) {
        gateway.stub("o").on(call -> error("Unknown parameter: '" + name + "'."));

        Answer answer = gateway.ask(Caller.CHAT, "o/" + gateway.freshModel(), false, fields);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.outcomes()).isEqualTo("o=UNSUPPORTED");
    }

    private static Function<Call, Reply> refuses(Predicate<Call> what, Reply refusal) {
        return call -> what.test(call) ? refusal : Reply.text(WORDS);
    }

    private static Reply error(String message) {
        return Reply.error(400, "invalid_request_error", null, message);
    }
}
