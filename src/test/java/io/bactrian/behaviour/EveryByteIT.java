package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Call;
import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A stream cut at each of its bytes: the caller has a whole answer or an error, never half an answer as if it were whole. */
final class EveryByteIT {
    private static final String WORDS = "Grüße, 終 🐪 and more.";
    private static final List<String> TOKENS = List.of("Grü", "ße, ", "終 🐪", " and more.");

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with("bactrian.defaults.max-attempts=1")
            .openai("openai", "same")
            .anthropic("anthropic", "other");

    @BeforeEach
    void break_off() {
        gateway.stub("openai").on(call -> cut(call, chat()));
        gateway.stub("anthropic").on(call -> cut(call, messages()));
        gateway.stub("same").answers(Reply.text(WORDS));
        gateway.stub("other").answers(Reply.text("Something else."));
    }

    @ParameterizedTest(name = "{0}, {1} provider, {2} cut")
    @CsvSource({
        "CHAT, openai, clean",
        "CHAT, openai, hard",
        "CHAT, anthropic, clean",
        "CHAT, anthropic, hard",
        "MESSAGES, openai, clean",
        "MESSAGES, openai, hard",
        "MESSAGES, anthropic, clean",
        "MESSAGES, anthropic, hard"
    })
    void whole_answer_or_an_error(Caller caller, String api, String how) throws Exception {
        int length = (api.equals("openai") ? chat() : messages()).length;
        AtomicInteger errors = new AtomicInteger();
        List<Callable<Void>> cuts = new ArrayList<>();
        for (int at = 0; at <= length; at++) {
            String model = api + "/" + at + "-" + how;
            cuts.add(() -> {
                Answer rescued = ask(caller, model, "same/m");
                assertThat(caller.words(rescued))
                        .as(model + "\n" + rescued.text())
                        .isEqualTo(WORDS);
                assertThat(caller.done(rescued)).as(model).isTrue();
                assertThat(caller.finishes(rescued)).as(model).hasSize(1);
                assertThat(caller.beginnings(rescued)).as(model).isOne();

                Answer alone = ask(caller, model, "other/m");
                String words = caller.words(alone);
                boolean failed = caller.error(alone).isObject();
                assertThat(caller.done(alone)).as(model + "\n" + alone.text()).isNotEqualTo(failed);
                assertThat(failed ? WORDS.startsWith(words) : words.equals(WORDS) || words.equals("Something else."))
                        .as(model + "\n" + alone.text())
                        .isTrue();
                if (failed) {
                    errors.incrementAndGet();
                }
                return null;
            });
        }
        try (ExecutorService callers = Executors.newFixedThreadPool(8)) {
            for (Future<Void> asked : callers.invokeAll(cuts)) {
                asked.get();
            }
        }
        assertThat(errors.get()).as("cuts after words that nobody could mend").isPositive();
    }

    private static Answer ask(Caller caller, String model, String fallback) {
        return gateway.gateway().ask(Request.of(model).by(caller).stream(true).fallbacks(fallback));
    }

    private static byte[] chat() {
        StringBuilder events = new StringBuilder();
        events.append(chunk("{\"role\":\"assistant\",\"content\":\"\"}", "null"));
        TOKENS.forEach(token -> events.append(chunk("{\"content\":\"" + token + "\"}", "null")));
        events.append(chunk("{}", "\"stop\""));
        events.append("data: [DONE]\n\n");
        return events.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String chunk(String delta, String finish) {
        return "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":"
                + "[{\"index\":0,\"delta\":" + delta + ",\"finish_reason\":" + finish + "}]}\n\n";
    }

    private static byte[] messages() {
        StringBuilder events = new StringBuilder();
        events.append(
                event(
                        "message_start",
                        "\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\","
                                + "\"model\":\"m\",\"content\":[],\"stop_reason\":null,\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}"));
        events.append(event("content_block_start", "\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}"));
        TOKENS.forEach(token -> events.append(event(
                "content_block_delta", "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"" + token + "\"}")));
        events.append(event("content_block_stop", "\"index\":0"));
        events.append(event(
                "message_delta",
                "\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":4}"));
        events.append(event("message_stop", "\"x\":0"));
        return events.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String event(String type, String rest) {
        return "event: " + type + "\ndata: {\"type\":\"" + type + "\"," + rest + "}\n\n";
    }

    /** The model's name says where the stream is cut, and whether cleanly. */
    private static Reply cut(Call call, byte[] events) {
        String[] how = call.model().split("-");
        int at = Integer.parseInt(how[0]);
        return x -> {
            x.streamHead(200, Map.of());
            // What has come before the cut is on the line before it.
            x.chunk(Arrays.copyOf(events, at));
            if (how[1].equals("clean")) {
                x.endChunks();
                return Reply.After.KEEP;
            }
            return Reply.After.CLOSE;
        };
    }
}
