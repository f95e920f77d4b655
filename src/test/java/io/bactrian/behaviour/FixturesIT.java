package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Fixture;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.StubProvider;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every recorded answer of a real provider, over a real socket and through the whole gateway, is what the manifest says. Each
 * case has a provider of its own, so that no breaker and no resting key is shared.
 */
final class FixturesIT {
    private static final String F_SAYS = "F has the answer";

    private static final Set<String> CERTAIN =
            Set.of("anthropic/error_400_image_dimensions", "anthropic/error_404_thread");

    private static final List<Fixture> FIXTURES = Fixture.all().toList();

    @RegisterExtension
    static final GatewayExtension gateway = withProviders(GatewayExtension.with(
                    "bactrian.defaults.stream-rescue=off",
                    "bactrian.defaults.patience=50ms",
                    "bactrian.defaults.backoff=10ms",
                    "bactrian.chains.default=f/model-f")
            .openai("openai", "f")
            .anthropic("anthropic"));

    private final StubProvider f = gateway.stub("f");

    @BeforeEach
    void answer_as_recorded() {
        gateway.stub("openai").on(call -> reply(Fixture.of(call.model())));
        gateway.stub("anthropic").on(call -> reply(Fixture.of(call.model())));
        f.answers(Reply.text(F_SAYS));
    }

    @ParameterizedTest
    @MethodSource("all")
    void a_caller_of_a_document_gets_what_the_manifest_says(Fixture fixture) {
        Answer answer = ask(fixture, false);

        String type = expected(fixture);
        assertThat(first(answer.attempts())).isEqualTo(target(fixture, false) + "=" + type);
        switch (type) {
            case "OK" -> {
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.attempts()).doesNotContain(",");
                assertThat(answer.json().path("object").asText()).isEqualTo("chat.completion");
                assertThat(answer.json().at("/choices/0/finish_reason").asText())
                        .isNotEmpty()
                        .isNotEqualTo("null");
                assertThat(answer.json().at("/choices/0/message").toString())
                        .matches("(?s).*(\"content\":\"|tool_calls|refusal\":\").*");
                assertThat(answer.json().at("/usage/total_tokens").isNumber()).isEqualTo(hasUsage(fixture));
            }
            case "CONTENT_POLICY" -> returned(fixture, answer);
            case "INVALID_REQUEST" -> {
                if (isCertain(fixture)) {
                    returned(fixture, answer);
                } else {
                    answeredByF(answer);
                }
            }
            default -> answeredByF(answer);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void a_caller_of_a_stream_gets_what_the_manifest_says(Fixture fixture) {
        Answer answer = ask(fixture, true);

        String type = expected(fixture);
        String target = target(fixture, true);
        boolean committed = fixture.manifest().path("committed").asBoolean();
        if (type.equals("OK")) {
            assertThat(answer.attempts()).isEqualTo(target + "=OK");
            assertThat(trail(answer)).isEqualTo(target + "=OK");
            assertThat(answer.data()).endsWith("[DONE]").containsOnlyOnce("[DONE]");
            assertThat(finishReasons(answer)).hasSize(1);
            assertThat(f.calls()).isEmpty();
        } else if (type.equals("CONTENT_POLICY") && fixture.status() == 200) {
            assertThat(trail(answer)).isEqualTo(target + "=CONTENT_POLICY");
            assertThat(answer.data()).endsWith("[DONE]");
            assertThat(finishReasons(answer)).containsExactly("content_filter");
            assertThat(f.calls()).isEmpty();
        } else if (type.equals("CONTENT_POLICY") || (type.equals("INVALID_REQUEST") && isCertain(fixture))) {
            assertThat(answer.attempts()).isEqualTo(target + "=" + type);
            returned(fixture, answer);
        } else if (committed) {
            assertThat(trail(answer)).isEqualTo(target + "=" + type);
            JsonNode error = answer.chunks().getLast().path("error");
            assertThat(error.at("/attempts/0/class").asText()).isEqualTo(type);
            assertThat(answer.done()).isFalse();
            assertThat(finishReasons(answer)).isEmpty();
        } else {
            assertThat(first(answer.attempts())).isEqualTo(target + "=" + type);
            assertThat(trail(answer)).isEqualTo(answer.attempts());
            assertThat(answer.data()).endsWith("[DONE]").containsOnlyOnce("[DONE]");
            answeredByF(answer);
        }
    }

    /** Whether the provider's code says that the request is invalid at every target; else another one is asked. */
    private static boolean isCertain(Fixture fixture) {
        return CERTAIN.contains(fixture.id());
    }

    private void returned(Fixture fixture, Answer answer) {
        assertThat(answer.attempts()).doesNotContain(",");
        assertThat(f.calls()).isEmpty();
        if (fixture.status() == 200) {
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.json().at("/choices/0/finish_reason").asText()).isEqualTo("content_filter");
        } else {
            assertThat(answer.status()).isIn(400, 422);
            assertThat(answer.error("message")).isNotBlank();
            assertThat(answer.error("type")).isNotBlank();
        }
    }

    private void answeredByF(Answer answer) {
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.content()).isEqualTo(F_SAYS);
        assertThat(answer.attempts()).endsWith("f/model-f=OK");
        assertThat(answer.header("x-bactrian-fallbacks")).isEqualTo("1");
        assertThat(f.calls()).hasSize(1);
    }

    private static Answer ask(Fixture fixture, boolean stream) {
        return gateway.ask(Request.of(target(fixture, stream)).fallbacks("f/model-f").stream(stream));
    }

    /** What comes after content comes a little later, so that the content is on its way to the caller. */
    private static Reply reply(Fixture fixture) {
        if (!fixture.manifest().path("committed").asBoolean()) {
            return Reply.fixture(fixture.id());
        }
        String events = new String(fixture.body(), StandardCharsets.UTF_8);
        int failure = events.contains("\"error\"")
                ? events.lastIndexOf("\n\n", events.indexOf("\"error\"")) + 2
                : events.length();
        return x -> {
            x.streamHead(fixture.status(), fixture.headers());
            x.chunk(events.substring(0, failure).getBytes(StandardCharsets.UTF_8));
            x.pause(Duration.ofMillis(150));
            x.chunk(events.substring(failure).getBytes(StandardCharsets.UTF_8));
            x.endChunks();
            return Reply.After.KEEP;
        };
    }

    private static String stub(Fixture fixture) {
        return fixture.provider().equals("anthropic") ? "anthropic" : "openai";
    }

    private static String provider(Fixture fixture, boolean stream) {
        return (stream ? "stream" : "document") + FIXTURES.indexOf(fixture);
    }

    private static String target(Fixture fixture, boolean stream) {
        return provider(fixture, stream) + "/" + fixture.id();
    }

    private static String expected(Fixture fixture) {
        return fixture.manifest().path("class").asText("OK");
    }

    private static boolean hasUsage(Fixture fixture) {
        return new String(fixture.body(), StandardCharsets.UTF_8).contains("_tokens\"");
    }

    private static String first(String attempts) {
        return attempts.split(", ", 2)[0];
    }

    private static String trail(Answer answer) {
        String last = answer.comments().getLast();
        assertThat(last).startsWith(": bactrian attempts ");
        return last.substring(": bactrian attempts ".length());
    }

    private static List<String> finishReasons(Answer answer) {
        return answer.chunks().stream()
                .map(c -> c.at("/choices/0/finish_reason").asText("null"))
                .filter(reason -> !reason.equals("null") && !reason.isEmpty())
                .toList();
    }

    private static GatewayExtension withProviders(GatewayExtension extension) {
        for (Fixture fixture : FIXTURES) {
            extension.shared(stub(fixture), provider(fixture, false)).shared(stub(fixture), provider(fixture, true));
        }
        return extension;
    }

    static List<Fixture> all() {
        return FIXTURES;
    }
}
