package io.bactrian.behaviour;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.bactrian.testing.Call;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import java.time.Duration;

/**
 * Models with a script, for official SDKs to read: behind the providers {@code a}, which speaks Anthropic Messages, and
 * {@code o}, which speaks Chat Completions. The model asked for says what happens: {@code talk} says {@link #WORDS},
 * {@code call} calls a tool and repeats its result once it has it, {@code cut} breaks off in the middle of the same words and
 * {@code down} is out of service. The last letter of a chain's name is the provider that is asked first.
 */
final class ScriptedModels {
    /** What a provider says before it breaks off. */
    static final String SPOKEN = "It rains in Oslo,";

    static final String WORDS = SPOKEN + " as it did \"yesterday\": 4 °C.";
    static final String TOOL = "weather";
    static final JsonNode ARGUMENTS =
            JsonNodeFactory.instance.objectNode().put("city", "Østre \"Oslo\"").put("days", 3);
    static final String RESULT = "4 degrees, rain";

    private ScriptedModels() {}

    static GatewayExtension gateway() {
        return GatewayExtension.with(
                        "bactrian.defaults.backoff=10ms",
                        "bactrian.defaults.breaker.failures=1000",
                        "bactrian.chains.rescued-a=a/cut, o/talk",
                        "bactrian.chains.rescued-o=o/cut, a/talk",
                        "bactrian.chains.broken-a=a/cut, o/cut",
                        "bactrian.chains.broken-o=o/cut, a/cut",
                        "bactrian.chains.down=a/down, o/down")
                .anthropic("a")
                .openai("o");
    }

    /** Has the stubs answer by the script. */
    static void play(GatewayExtension gateway) {
        gateway.stubs().forEach(stub -> stub.on(ScriptedModels::reply));
    }

    private static Reply reply(Call call) {
        return switch (call.model()) {
            case "talk" -> Reply.text(WORDS);
            case "call" ->
                call.text().contains(RESULT)
                        ? Reply.text("They say: " + RESULT)
                        : Reply.toolCall(TOOL, ARGUMENTS.toString());
            case "cut" -> Reply.text(WORDS).everyToken(Duration.ofMillis(30)).cutAfter(4);
            case "down" -> Reply.error(503, "overloaded_error", null, "No time");
            default -> throw new IllegalArgumentException(call.model());
        };
    }
}
