package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.Json;
import io.bactrian.testing.AnswerReading;
import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What real providers and callers sent, by public reports: the caller gets a whole answer, or is told that it has none. */
final class FieldIT {
    private static final String HEALTHY = "healthy answer";

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.max-attempts=1", "bactrian.defaults.deadline=20s")
            .openai("first-openai", "second-openai")
            .anthropic("first-anthropic", "second-anthropic")
            .chains("first-openai, second-openai", "upstream-streaming=auto")
            .chains("first-openai, second-openai", "upstream-streaming=off")
            .chains("first-anthropic, second-anthropic", "upstream-streaming=auto")
            .chains("first-anthropic, second-openai", "upstream-streaming=auto")
            .chains("first-anthropic", "upstream-streaming=auto")
            .pool(250);

    @ParameterizedTest
    @MethodSource("io.bactrian.behaviour.FieldCase#all")
    void the_answer_is_right(FieldCase field) {
        StubProvider first = gateway.stub("first-" + field.first()).answers(Reply.text(HEALTHY));
        StubProvider second = gateway.stub("second-" + field.second()).answers(Reply.text(HEALTHY));
        Reply bad = field.firstReply();
        if (bad != null) {
            first.on(call -> bad);
        }
        Reply refusal = field.secondReply();
        if (refusal != null) {
            second.on(call -> call.text().contains(field.secondRefuses()) ? refusal : Reply.text(HEALTHY));
        }
        String steps = "first-" + field.first() + (field.alone() ? "" : ", second-" + field.second());
        String chain = gateway.chain(steps, "upstream-streaming=" + field.upstreamStreaming());

        Answer answer = gateway.gateway()
                .post(
                        field.caller().path(),
                        field.request(chain),
                        field.headers().toArray(String[]::new));

        List<JsonNode> right = new ArrayList<>();
        field.right().forEach(right::add);
        assertThat(right)
                .as("%s\n%s\n%s", field, answer.outcomes(), answer.text())
                .anySatisfy(expected -> assertRight(field, answer, expected));
    }

    private static void assertRight(FieldCase field, Answer answer, JsonNode expected) {
        Caller caller = field.caller();
        if (expected.has("status")) {
            assertThat(answer.status()).isEqualTo(expected.path("status").asInt());
            return;
        }
        assertThat(answer.status()).isEqualTo(200);
        AnswerReading reading = AnswerReading.of(caller, answer);
        if (expected.path("error").asBoolean()) {
            assertThat(caller.error(answer).isObject()).isTrue();
            assertThat(caller.done(answer)).isFalse();
            return;
        }
        reading.assertWellFormed();
        if (expected.has("text")) {
            assertThat(reading.text()).isEqualTo(expected.path("text").asText());
        }
        assertThat(reading.tools()).isEqualTo(tools(expected.path("tools")));
        if (expected.has("finish")) {
            assertThat(reading.finish()).isEqualTo(expected.path("finish").asText());
        }
        if (expected.has("tokens")) {
            assertThat((JsonNode) Json.MAPPER.valueToTree(caller.usage(answer))).isEqualTo(expected.path("tokens"));
        }
    }

    private static ArrayNode tools(JsonNode expected) {
        ArrayNode tools = Json.MAPPER.createArrayNode();
        for (JsonNode tool : expected) {
            ObjectNode call = tools.addObject().put("name", tool.path(0).asText());
            call.set("input", tool.path(1));
        }
        return tools;
    }
}
