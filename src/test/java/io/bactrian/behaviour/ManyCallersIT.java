package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Call;
import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.StubProvider;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Several callers at one gateway: what the requests of one bring about takes nothing from the others. */
final class ManyCallersIT {
    private static final String ODD = "odd";

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with("""
            camel.server.host=127.0.0.1
            bactrian.server.keys=ann:key-of-ann,bob:key-of-bob,narrow:key-of-narrow
            bactrian.server.limits.narrow.chains=small
            bactrian.chains.small=f/tiny
            bactrian.chains.secret=p/hidden
            bactrian.defaults.max-attempts=1
            bactrian.defaults.patience=1ms
            bactrian.defaults.max-wait=0s
            bactrian.drills=true\
            """)
            .pool(20)
            .openai("p", "f")
            .anthropic("a")
            .chains("p, f")
            .chains("a, f");

    private final StubProvider p = gateway.stub("p");

    @Test
    void answers_that_do_not_meet_one_callers_schema_close_nothing() {
        gateway.stub("a").answers(Reply.text("no JSON"));
        String schema =
                "{'response_format':{'type':'json_schema','json_schema':{'name':'n','schema':{'type':'object'}}}}";
        for (int i = 0; i < 7; i++) {
            Answer answer = gateway.ask(Request.of(gateway.chain("a, f"))
                    .fields(schema.replace('\'', '"'))
                    .header("x-api-key", "key-of-ann"));
            assertThat(answer.outcomes()).isEqualTo("a=INVALID_RESPONSE, f=OK");
        }

        assertThat(ask("a, f", "bob", "plain").outcomes()).isEqualTo("a=OK");
        assertThat(breaker("a")).isEqualTo("CLOSED");
    }

    @ParameterizedTest
    @ValueSource(strings = {"same", "new"})
    void requests_of_one_caller_that_a_provider_cannot_take_open_the_breaker_for_that_caller_alone(String kind) {
        whenOdd(call -> Reply.status(500, "oops"));
        for (int i = 0; i < 5; i++) {
            Answer answer = ask("p, f", "ann", ODD + (kind.equals("new") ? i : ""));
            assertThat(answer.outcomes()).isEqualTo("p=SERVER_ERROR, f=OK");
        }

        assertThat(breaker("p")).isEqualTo("CLOSED");
        assertThat(ask("p, f", "bob", "plain").outcomes()).isEqualTo("p=OK");
        Answer own = ask("p, f", "ann", "plain");
        assertThat(own.outcomes()).isEqualTo("f=OK");
        assertThat(own.header("x-bactrian-skipped")).isEqualTo("p/" + gateway.model() + "=CIRCUIT_OPEN");
    }

    @Test
    void failures_of_two_callers_open_it_for_all() {
        p.answers(Reply.status(500, "oops"));
        for (int i = 0; i < 4; i++) {
            ask("p, f", "ann", "plain");
        }
        assertThat(breaker("p")).isEqualTo("CLOSED");

        ask("p, f", "bob", "plain");

        assertThat(breaker("p")).isEqualTo("OPEN");
        assertThat(ask("p, f", "bob", "plain").outcomes()).isEqualTo("f=OK");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        403 | {"error":{"type":"permission_error","message":"Your key has no access to this feature"}}
        403 | <html>Blocked by the firewall</html>
        402 | {"error":{"message":"Not paid","code":402}}
        404 | {"error":{"type":"not_found_error","message":"There is nothing under this id"}}
        """)
    void refusal_of_one_callers_request_lets_the_target_rest_for_that_caller_alone(int status, String body) {
        whenOdd(call -> Reply.status(status, body));

        ask("p, f", "ann", ODD);

        assertThat(ask("p, f", "bob", "plain").outcomes()).isEqualTo("p=OK");
        assertThat(ask("p, f", "ann", "plain").outcomes()).isEqualTo("f=OK");
        if (status != 402) {
            // An account without credit would rest for the other tests as well.
            ask("p, f", "bob", ODD);
            assertThat(ask("p, f", "bob", "plain").outcomes()).isEqualTo("f=OK");
        }
    }

    @Test
    void answer_that_is_too_dear_for_the_credit_rests_nothing() {
        whenOdd(call -> Reply.status(402, """
            {"error":{"message":"This request requires more credits, or fewer max_tokens. You requested up to 65536 tokens, but \
            can only afford 412.","code":402}}"""));

        assertThat(ask("p, f", "ann", ODD).outcomes()).isEqualTo("p=QUOTA_EXHAUSTED, f=OK");

        assertThat(ask("p, f", "ann", "plain").outcomes()).isEqualTo("p=OK");
        assertThat(ask("p, f", "bob", ODD).outcomes()).isEqualTo("p=QUOTA_EXHAUSTED, f=OK");
        assertThat(ask("p, f", "bob", "plain").outcomes()).isEqualTo("p=OK");
    }

    @Test
    void refused_stream_is_learned_for_the_caller_and_for_all_once_a_second_one_saw_it() {
        p.on(call -> call.json().path("stream").asBoolean() && call.text().contains(ODD)
                ? Reply.status(400, "{\"error\":{\"message\":\"Streaming is not supported for this model\"}}")
                : Reply.text("Hi"));

        assertThat(stream("ann", ODD).outcomes()).isEqualTo("p=UNSUPPORTED, p=OK");
        stream("ann", "plain");
        assertThat(p.lastCall().json().path("stream").asBoolean()).isFalse();
        stream("bob", "plain");
        assertThat(p.lastCall().json().path("stream").asBoolean()).isTrue();

        assertThat(stream("bob", ODD).outcomes()).isEqualTo("p=UNSUPPORTED, p=OK");
        stream("bob", "plain");
        assertThat(p.lastCall().json().path("stream").asBoolean()).isFalse();
    }

    @Test
    void words_of_a_caller_that_a_refusal_quotes_teach_nothing() {
        p.on(call -> call.json().path("stream").asBoolean() && call.text().contains("metadata")
                ? Reply.status(400, "{\"error\":{\"message\":\"Unknown key 'stream' in metadata\"}}")
                : Reply.text("Hi"));

        gateway.ask(Request.of(gateway.chain("p, f")).stream(true)
                .field("metadata", Map.of("stream", "x"))
                .header("x-api-key", "key-of-ann"));
        stream("ann", "plain");

        assertThat(p.lastCall().json().path("stream").asBoolean()).isTrue();
    }

    @Test
    void acts_are_for_operators() {
        String target = "/admin/targets/f/tiny";
        for (String act : List.of("/open", "/close", "/drill?fault=429")) {
            for (String who : List.of("bob", "narrow")) {
                Answer answer = gateway.gateway().post(target + act, "", "x-api-key", "key-of-" + who);
                assertThat(answer.status()).as(answer.text()).isEqualTo(403);
                assertThat(answer.error("code")).isEqualTo("operators_only");
            }
        }
        assertThat(gateway.gateway()
                        .post(target + "/close", "", "x-api-key", "key-of-ann")
                        .status())
                .isEqualTo(200);
        Answer own = gateway.gateway()
                .ask(Request.of("f/tiny").header("x-api-key", "key-of-bob").header("x-bactrian-drill", "f/tiny=503"));
        assertThat(own.attempts()).isEqualTo("f/tiny=OVERLOADED");
    }

    @Test
    void key_for_certain_chains_is_told_of_these_alone() {
        String hidden = "p/hidden";
        p.answers(Reply.status(500, "oops"));
        gateway.ask(Request.of("secret").header("x-api-key", "key-of-ann"));
        gateway.ask(Request.of("small").header("x-api-key", "key-of-ann"));

        Answer status = gateway.get("/status", "x-api-key", "key-of-narrow");
        Answer metrics = gateway.get("/metrics", "x-api-key", "key-of-narrow");

        assertThat(status.json().path("chains").properties())
                .singleElement()
                .satisfies(chain -> assertThat(chain.getKey()).isEqualTo("small"));
        assertThat(status.text()).contains("f/tiny").doesNotContain("secret", "hidden", "model-p", "chain-0");
        assertThat(metrics.text())
                .contains("chain=\"small\"", "target=\"f/tiny\"")
                .doesNotContain("secret", "hidden", "model-p", "chain-0", "bactrian_queue_depth ")
                .doesNotContainPattern(
                        "(?m)^bactrian_(alerts|in_flight|waiting|bounds_total|overhead_seconds_count)\\b");
        assertThat(gateway.get("/status", "x-api-key", "key-of-bob").text()).contains(hidden, "secret");
        assertThat(gateway.get("/metrics", "x-api-key", "key-of-ann").text()).contains(hidden, "secret");
    }

    @Test
    void event_type_with_a_line_break_makes_no_event_of_its_own() {
        gateway.stub("a").on(call -> Reply.status(200, """
            data: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"x","content":[],"usage":{"input_tokens":1,"output_tokens":1}}}

            data: {"type":"odd\\nevent: message_stop\\ndata: {}\\n\\nevent: forged"}

            data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

            data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}

            data: {"type":"content_block_stop","index":0}

            data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}}

            data: {"type":"message_stop"}

            """, "content-type", "text/event-stream"));

        Answer answer = gateway.ask(Request.of(gateway.chain("a, f")).by(Caller.MESSAGES).stream(true)
                .header("x-api-key", "key-of-ann"));

        assertThat(answer.text().lines().filter(line -> line.equals("event: message_stop")))
                .hasSize(1);
        assertThat(answer.text().lines()).noneMatch(line -> line.startsWith("event: forged"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"f/a\r\nx-forged: 1", "f/a\ndata: {}", "f/\u0000", "no\r\nx-forged: 1"})
    void line_break_in_a_model_name_makes_no_header(String model) {
        for (boolean stream : new boolean[] {false, true}) {
            Answer answer =
                    gateway.gateway().ask(Request.of(model).stream(stream).header("x-api-key", "key-of-ann"));

            assertThat(answer.status()).as(answer.text()).isIn(200, 400, 404);
            assertThat(answer.header("x-forged")).isEmpty();
            assertThat(answer.text().lines()).noneMatch(line -> line.equals("data: {}"));
        }
    }

    private void whenOdd(Function<Call, Reply> reply) {
        p.on(call -> call.text().contains(ODD) ? reply.apply(call) : Reply.text("Hi"));
    }

    private static Answer ask(String steps, String who, String words) {
        return gateway.ask(Request.of(gateway.chain(steps)).saying(words).header("x-api-key", "key-of-" + who));
    }

    private static Answer stream(String who, String words) {
        return gateway.ask(
                Request.of(gateway.chain("p, f")).saying(words).stream(true).header("x-api-key", "key-of-" + who));
    }

    private static String breaker(String provider) {
        JsonNode targets =
                gateway.get("/status", "x-api-key", "key-of-ann").json().path("targets");
        return targets.valueStream()
                .filter(target -> target.path("name").asText().equals(provider + "/" + gateway.model()))
                .findFirst()
                .orElseThrow()
                .path("breaker")
                .asText();
    }
}
