package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.LogCapture;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Chains that end with {@code stale} and {@code static}: what callers get when no target can answer. */
final class LastResortIT {
    private static final String SORRY = "We cannot answer now.";
    private static final String WORDS = "A camel with two humps.";
    private static final Reply DOWN = Reply.error(500, "server_error", null, "down");

    private static final String ALL = "openai, anthropic";
    private static final String[] PATIENT = {"max-attempts=3", "patience=500ms", "deadline=20s"};

    @RegisterExtension
    static final GatewayExtension gateway = configured(GatewayExtension.with(
                    "bactrian.defaults.max-attempts=1",
                    "bactrian.defaults.breaker.failures=10000",
                    "bactrian.defaults.hedge-delay=50ms",
                    "bactrian.defaults.hedge-share=1",
                    "bactrian.static.sorry=" + SORRY)
            .openai("openai")
            .anthropic("anthropic"));

    @ParameterizedTest
    @CsvSource({
        "CHAT, false, false", "CHAT, false, true", "CHAT, true, false", "CHAT, true, true",
        "MESSAGES, false, false", "MESSAGES, false, true", "MESSAGES, true, false", "MESSAGES, true, true"
    })
    void a_good_answer_is_given_again_as_a_stream_or_as_a_document(Caller caller, boolean first, boolean then) {
        String chain = gateway.chain(ALL + ", stale");
        well();
        Answer good = plainly(chain, caller, first);
        assertThat(caller.words(good)).isEqualTo(WORDS);
        down();

        Answer answer = fromMemory(chain, caller, then, "{}");

        assertStale(answer, "openai/" + gateway.model());
        assertThat(caller.words(answer)).isEqualTo(WORDS);
        assertThat(caller.usage(answer)).isEqualTo(List.of(20, 5));
        if (then) {
            caller.assertWellFormed(answer);
        } else if (!first) {
            assertThat(answer.json()).isEqualTo(good.json());
        }
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void of_an_answer_of_the_callers_own_protocol_nothing_is_lost(Caller caller) {
        String own = caller == Caller.CHAT ? "openai" : "anthropic";
        String chain = gateway.chain(own + ", stale");
        well();
        JsonNode document = ask(chain, caller, false, "{\"temperature\":1}").json();
        ask(chain, caller, true, "{\"temperature\":0.5}");
        down();

        assertThat(fromMemory(chain, caller, false, "{\"temperature\":1.0}").json())
                .isEqualTo(document);
        JsonNode written =
                fromMemory(chain, caller, false, "{\"temperature\":5e-1}").json();
        assertThat(written.path("model")).isEqualTo(document.path("model"));
        assertThat(written.path("usage")).isEqualTo(document.path("usage"));
    }

    @Test
    void who_streams_without_usage_leaves_it_for_the_next_one() {
        String chain = gateway.chain(ALL + ", stale");
        well();
        ask(chain, Caller.CHAT, true, "{\"stream_options\":null}");
        down();

        assertThat(Caller.CHAT.usage(fromMemory(chain, Caller.CHAT, false, "{}")))
                .isEqualTo(List.of(20, 5));
        assertThat(ask(chain, Caller.CHAT, true, "{\"stream_options\":null}").text())
                .doesNotContain("usage");
    }

    @ParameterizedTest
    @CsvSource({"CHAT, false", "CHAT, true", "MESSAGES, false", "MESSAGES, true"})
    void a_fixed_text_is_a_proper_answer(Caller caller, boolean stream) {
        String chain = gateway.chain(ALL + ", stale, static:sorry");
        down();
        JsonNode before = gateway.status().path("requests");

        Answer answer = plainly(chain, caller, stream);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(caller.words(answer)).isEqualTo(SORRY);
        assertThat(answer.header("x-bactrian-target")).isEqualTo("static:sorry");
        assertThat(answer.header("x-bactrian-degraded")).isEqualTo("static");
        assertThat(answer.header("x-bactrian-quality")).isEqualTo("0.0");
        assertThat(answer.header("x-bactrian-fallbacks")).isEqualTo("2");
        assertThat(answer.header("age")).isEmpty();
        assertThat(caller.usage(answer)).isEqualTo(List.of(0, 0));
        if (stream) {
            caller.assertWellFormed(answer);
            assertThat(caller.finishes(answer)).containsExactly(caller == Caller.CHAT ? "stop" : "end_turn");
        } else {
            assertThat(answer.json().path("model").asText()).isEqualTo(chain);
        }
        // The caller has the end of a stream a moment before it is counted.
        await().untilAsserted(() -> {
            JsonNode after = gateway.status().path("requests");
            for (String counter : List.of("answered", "degraded", "fallbacks", "lastResorts")) {
                assertThat(after.path(counter).asInt())
                        .as(counter)
                        .isEqualTo(before.path(counter).asInt() + 1);
            }
        });
    }

    @Test
    void a_fixed_text_comes_behind_a_remembered_answer_and_is_not_remembered_itself() {
        String chain = gateway.chain(ALL + ", stale, static:sorry");
        down();
        plainly(chain, Caller.CHAT, false);
        well();
        plainly(chain, Caller.CHAT, false);
        down();

        assertThat(fromMemory(chain, Caller.CHAT, false, "{}").content()).isEqualTo(WORDS);
        assertThat(ask(chain, Caller.CHAT, false, "{\"seed\":1}").content()).isEqualTo(SORRY);
    }

    @ParameterizedTest
    @CsvSource({"false, 503", "true, 200"})
    void requests_with_tools_are_remembered_only_where_the_chain_says_so(boolean wanted, int status) {
        String tools = "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{}}}]}";
        String chain = gateway.chain(ALL + ", stale", "stale-tools=" + wanted);
        gateway.stubs().forEach(stub -> stub.answers(Reply.toolCall("f", "{\"x\":1}")));
        ask(chain, Caller.CHAT, true, tools);
        well();
        plainly(chain, Caller.CHAT, false);
        down();
        fromMemory(chain, Caller.CHAT, false, "{}");

        Answer answer = await().atMost(Duration.ofSeconds(10))
                .until(() -> ask(chain, Caller.CHAT, false, tools), a -> a.status() == status);
        if (wanted) {
            assertThat(answer.json()
                            .at("/choices/0/message/tool_calls/0/function/arguments")
                            .asText())
                    .isEqualTo("{\"x\":1}");
            assertThat(answer.json().at("/choices/0/finish_reason").asText()).isEqualTo("tool_calls");
        }
    }

    @Test
    void a_refusal_and_an_answer_that_broke_off_are_not_remembered() {
        String chain = gateway.chain(ALL + ", stale", "stream-rescue=off");
        gateway.stubs().forEach(stub -> stub.answers(Reply.text("I cannot").finish("content_filter")));
        assertThat(ask(chain, Caller.CHAT, false, "{\"seed\":1}").status()).isEqualTo(200);
        gateway.stubs().forEach(stub -> stub.answers(Reply.text(WORDS).cutAfter(2)));
        assertThat(ask(chain, Caller.CHAT, true, "{\"seed\":2}").text()).contains("stream_broken");
        well();
        ask(chain, Caller.CHAT, false, "{\"seed\":3}");
        down();

        fromMemory(chain, Caller.CHAT, false, "{\"seed\":3}");
        assertThat(ask(chain, Caller.CHAT, false, "{\"seed\":1}").status()).isEqualTo(503);
        assertThat(ask(chain, Caller.CHAT, false, "{\"seed\":2}").status()).isEqualTo(503);
    }

    @Test
    void an_answer_that_another_target_finished_is_remembered_whole() {
        String chain = gateway.chain("first, second, stale");
        gateway.stub("openai").answers(Reply.text(WORDS).cutAfter(2), Reply.text(WORDS));
        Answer rescued = plainly(chain, Caller.CHAT, true);
        assertThat(rescued.content()).isEqualTo(WORDS);
        down();

        Answer answer = fromMemory(chain, Caller.CHAT, false, "{}");
        assertThat(answer.content()).isEqualTo(WORDS);
        assertThat(answer.json().path("id"))
                .isEqualTo(rescued.chunks().getFirst().path("id"));
    }

    @ParameterizedTest
    @CsvSource({"race,openai", "race,anthropic", "hedge,openai", "hedge,anthropic"})
    void the_answer_of_whoever_wins_a_race_is_remembered(String kind, String winner) {
        for (boolean stream : new boolean[] {false, true}) {
            String chain = gateway.chain(kind + "(openai, anthropic), stale");
            String fields = "{\"seed\":" + (stream ? 1 : 0) + "}";
            gateway.stubs().forEach(stub -> stub.answers(Reply.silence()));
            gateway.stub(winner).answers(Reply.text(WORDS).delayed(Duration.ofMillis(200)));
            assertThat(ask(chain, Caller.CHAT, stream, fields).content()).isEqualTo(WORDS);
            down();

            assertThat(fromMemory(chain, Caller.CHAT, !stream, fields).content())
                    .isEqualTo(WORDS);
        }
    }

    @Test
    void half_an_answer_is_not_followed_by_a_last_resort() {
        String chain = gateway.chain(ALL + ", static:sorry", "patience=200ms");
        gateway.stub("openai").answers(Reply.text(WORDS).cutAfter(2));
        gateway.stub("anthropic").answers(DOWN);

        Answer answer = plainly(chain, Caller.CHAT, true);

        assertThat(answer.text()).contains("stream_broken").doesNotContain(SORRY);
    }

    @Test
    void nobody_gets_less_than_the_quality_asked_for() {
        String chain = gateway.chain("best, poor, stale, static:sorry");
        well();
        gateway.stub("openai").answers(DOWN);
        assertThat(plainly(chain, Caller.CHAT, false).header("x-bactrian-target"))
                .isEqualTo(gateway.target("poor"));
        down();

        Answer answer = fromMemory(chain, Caller.CHAT, false, "{}");
        assertThat(answer.header("x-bactrian-quality")).isEqualTo("0.5");
        assertThat(answer.header("x-bactrian-degraded")).isEqualTo("quality, stale");
        assertThat(plainly(chain, Caller.CHAT, false, "x-bactrian-min-quality", "0.5")
                        .header("x-bactrian-target"))
                .isEqualTo("stale");
        assertThat(plainly(chain, Caller.CHAT, false, "x-bactrian-min-quality", "0.6")
                        .status())
                .isEqualTo(503);
    }

    @Test
    void who_wants_no_fallback_gets_the_error_and_so_does_who_made_a_mistake() {
        String chain = gateway.chain(ALL + ", stale, static:sorry");
        down();
        assertThat(plainly(chain, Caller.CHAT, false, "x-bactrian-fallback", "off")
                        .status())
                .isEqualTo(503);

        gateway.stubs()
                .forEach(stub -> stub.answers(Reply.error(400, "invalid_request_error", null, "bad temperature")));
        assertThat(plainly(chain, Caller.CHAT, true).status()).isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void instead_of_a_long_wait_it_is_given_at_once_if_there_is_something(boolean stream) {
        String chain = gateway.chain(ALL + ", stale", PATIENT);
        well();
        plainly(chain, Caller.CHAT, stream);
        gateway.stubs().forEach(stub -> {
            stub.answers(
                    Reply.error(429, "rate_limit_error", null, "slow down", "retry-after", "2"), Reply.text("New."));
            stub.forget();
        });

        Answer answer = await().until(() -> plainly(chain, Caller.CHAT, stream), a -> a.status() == 200);
        assertThat(answer.header("x-bactrian-target")).isEqualTo("stale");
        assertThat(answer.took()).isLessThan(Duration.ofMillis(1900));

        Answer other = ask(chain, Caller.CHAT, stream, "{\"seed\":1}");
        assertThat(other.content()).isEqualTo("New.");
        StubProvider back = gateway.stub(other.header("x-bactrian-target").split("/")[0]);
        assertThat(back.call(2).since(back.call(1))).isGreaterThan(Duration.ofMillis(1900));
    }

    @Test
    void at_the_deadline_it_is_given_instead_of_an_error() {
        String chain = gateway.chain(ALL + ", static:sorry");
        gateway.stubs().forEach(stub -> stub.answers(Reply.silence()));

        Answer answer = plainly(chain, Caller.CHAT, true, "x-bactrian-timeout", "700");

        assertThat(answer.content()).isEqualTo(SORRY);
        assertThat(answer.took()).isBetween(Duration.ofMillis(600), Duration.ofSeconds(5));
    }

    @Test
    void who_waits_for_json_gets_no_sentence() {
        String schema =
                "{\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\",\"schema\":{}}}}";
        String chain = gateway.chain(ALL + ", static:sorry");
        down();
        assertThat(ask(chain, Caller.CHAT, false, schema).status()).isEqualTo(503);
    }

    @Test
    void other_peoples_routes_are_told_too() throws Exception {
        String chain = gateway.chain(ALL + ", static:sorry");
        try (ProducerTemplate template = gateway.gateway().context().createProducerTemplate()) {
            down();

            Exchange answer = template.request("direct:chat", e -> {
                e.getMessage().setBody("Hi");
                e.getMessage().setHeader("BactrianChain", chain);
            });

            assertThat(answer.getException()).isNull();
            assertThat(answer.getMessage().getHeaders())
                    .containsEntry("BactrianTarget", "static:sorry")
                    .containsEntry("BactrianDegraded", "static")
                    .containsEntry("BactrianFallbacks", 2)
                    .containsEntry("BactrianStatus", 200);
            assertThat(answer.getMessage().getBody(String.class)).contains(SORRY);
        }
    }

    @Test
    void the_log_tells_who_had_given_it_and_when() {
        String chain = gateway.chain(ALL + ", stale");
        try (LogCapture log = LogCapture.open("bactrian.requests")) {
            well();
            plainly(chain, Caller.CHAT, false);
            down();
            fromMemory(chain, Caller.CHAT, false, "{}");

            await().untilAsserted(() -> assertThat(log.events()).anySatisfy(event -> {
                assertThat(event.getFormattedMessage())
                        .contains("answered by stale of openai/" + gateway.model() + " age=");
                assertThat(event.getLevel()).isEqualTo(Level.WARN);
            }));
            assertThat(log.lines()).noneSatisfy(line -> assertThat(line).contains(WORDS));
        }
    }

    private static GatewayExtension configured(GatewayExtension extension) {
        return extension
                .targets("first", "openai")
                .targets("second", "openai")
                .targets("best", "openai")
                .targets("poor", "anthropic", "quality=0.5")
                .chains(ALL + ", stale")
                .chains(ALL + ", stale", "stale-tools=true")
                .chains(ALL + ", stale", "stale-tools=false")
                .chains(ALL + ", stale", "stream-rescue=off")
                .chains(ALL + ", stale", PATIENT)
                .chains(ALL + ", stale, static:sorry")
                .chains(ALL + ", static:sorry")
                .chains(ALL + ", static:sorry", "patience=200ms")
                .chains("openai, stale")
                .chains("anthropic, stale")
                .chains("first, second, stale")
                .chains("best, poor, stale, static:sorry")
                .chains("race(openai, anthropic), stale")
                .chains("hedge(openai, anthropic), stale");
    }

    private static Answer plainly(String chain, Caller caller, boolean stream, String... headers) {
        return ask(chain, caller, stream, "{}", headers);
    }

    private static Answer ask(String chain, Caller caller, boolean stream, String fields, String... headers) {
        return gateway.ask(caller, chain, stream, fields, headers);
    }

    private static void well() {
        gateway.stubs().forEach(stub -> stub.answers(Reply.text(WORDS)));
    }

    private static void down() {
        gateway.stubs().forEach(stub -> stub.answers(DOWN));
    }

    /** Keeping is nobody's wait, so it may take a moment. */
    private static Answer fromMemory(String chain, Caller caller, boolean stream, String fields, String... headers) {
        return await().atMost(Duration.ofSeconds(10))
                .until(() -> ask(chain, caller, stream, fields, headers), answer -> answer.header("x-bactrian-target")
                        .equals("stale"));
    }

    private static void assertStale(Answer answer, String target) {
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("x-bactrian-target")).isEqualTo("stale");
        assertThat(answer.header("x-bactrian-degraded")).isEqualTo("stale");
        assertThat(answer.header("x-bactrian-quality")).isEqualTo("1.0");
        assertThat(answer.header("x-bactrian-fallbacks")).isEqualTo("2");
        assertThat(answer.header("x-bactrian-attempts"))
                .isEqualTo("openai/%1$s=SERVER_ERROR, anthropic/%1$s=SERVER_ERROR".formatted(gateway.model()));
        assertThat(Integer.parseInt(answer.header("age"))).isBetween(0, 20);
        if (answer.header("content-type").startsWith("text/event-stream")) {
            assertThat(answer.comments())
                    .contains(": bactrian answered by stale of " + target + " age=" + answer.header("age"));
        }
    }
}
