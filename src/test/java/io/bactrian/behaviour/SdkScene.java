package io.bactrian.behaviour;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.bactrian.testing.Call;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Scene;
import io.bactrian.testing.StubProvider;
import java.time.Duration;

/**
 * A gateway for official SDKs to read through, over the providers {@code a}, which speaks Anthropic Messages, and {@code o},
 * which speaks Chat Completions. What they do follows from the model they are asked for: {@code talk} says {@link #WORDS},
 * {@code call} calls a tool and tells its result once it has it, {@code cut} breaks off in the middle of the same words and
 * {@code down} has no time. Of a chain's name the last letter says who is asked first.
 */
final class SdkScene implements AutoCloseable {
    /** What a provider says before it breaks off. */
    static final String SPOKEN = "It rains in Oslo,";

    static final String WORDS = SPOKEN + " as it did \"yesterday\": 4 °C.";
    static final String TOOL = "weather";
    static final JsonNode ARGUMENTS =
            JsonNodeFactory.instance.objectNode().put("city", "Østre \"Oslo\"").put("days", 3);
    static final String RESULT = "4 degrees, rain";

    private final Scene scene = Scene.with(
                    "bactrian.defaults.backoff=10ms",
                    "bactrian.defaults.breaker.failures=1000",
                    "bactrian.chains.rescued-a=a/cut, o/talk",
                    "bactrian.chains.rescued-o=o/cut, a/talk",
                    "bactrian.chains.broken-a=a/cut, o/cut",
                    "bactrian.chains.broken-o=o/cut, a/cut",
                    "bactrian.chains.down=a/down, o/down")
            .anthropic("a")
            .openai("o")
            .start();

    SdkScene() {
        scene.stubs().forEach(stub -> stub.on(SdkScene::reply));
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

    Gateway gateway() {
        return scene.gateway();
    }

    StubProvider stub(String name) {
        return scene.stub(name);
    }

    void forget() {
        scene.stubs().forEach(StubProvider::forget);
    }

    @Override
    public void close() {
        scene.close();
    }
}
