package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Call;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The options of a target, a provider and a request: each target gets its own, and nothing of the others. */
final class TargetOptionsIT {
    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.targets.p.provider=p",
                    "bactrian.targets.p.model=model-p",
                    "bactrian.targets.p.body.temperature=0.11",
                    "bactrian.targets.p.body.only_p={\"deep\":[1]}",
                    "bactrian.providers.p.headers.x-only-p=yes",
                    "bactrian.providers.p.query.only-p=1",
                    "bactrian.targets.x.provider=x",
                    "bactrian.targets.x.model=model-x",
                    "bactrian.targets.x.max-tokens=77",
                    "bactrian.targets.x.body.only_x=true",
                    "bactrian.providers.x.headers.anthropic-beta=only-x",
                    "bactrian.targets.f.provider=f",
                    "bactrian.targets.f.model=model-f",
                    "bactrian.targets.f.body.temperature=0.99",
                    "bactrian.targets.f.body.only_f=\"f\"",
                    "bactrian.providers.f.headers.x-only-f=yes",
                    "bactrian.targets.y.provider=y",
                    "bactrian.targets.y.model=model-y",
                    "bactrian.targets.y.max-tokens=88",
                    "bactrian.defaults.backoff=10ms",
                    "bactrian.defaults.breaker.failures=1000")
            .openai("p", "f")
            .anthropic("x", "y");

    @ParameterizedTest
    @CsvSource({"p,f,false", "p,f,true", "x,f,false", "x,f,true", "p,y,false", "x,y,true"})
    void each_target_gets_its_own_options_and_nothing_of_the_others(String first, String second, boolean stream) {
        gateway.stub(first).answers(Reply.error(500, "api_error", null, "broken"));

        Answer answer = gateway.ask(Request.of(first).fallbacks(second).stream(stream)
                .field("temperature", 0.5)
                .field("user", "u1")
                .header("authorization", "Bearer callers-own")
                .header("x-stainless-lang", "js")
                .header("cookie", "a=b"));

        assertThat(answer.outcomes()).endsWith(second + "=OK");
        assertOptions(first, gateway.stub(first).lastCall());
        assertOptions(second, gateway.stub(second).lastCall());
    }

    private static void assertOptions(String name, Call call) {
        JsonNode body = call.json();
        assertThat(call.text()).doesNotContain("fallbacks");
        assertThat(call.model()).isEqualTo("model-" + name);
        assertThat(call.headers()).doesNotContainKeys("authorization", "x-stainless-lang", "cookie", "x-api-key");
        assertThat(call.headers().keySet()).noneMatch(h -> h.toLowerCase().startsWith("x-bactrian"));
        assertThat(call.header("x-only-p")).isEqualTo(name.equals("p") ? "yes" : null);
        assertThat(call.header("x-only-f")).isEqualTo(name.equals("f") ? "yes" : null);
        assertThat(call.header("anthropic-beta")).isEqualTo(name.equals("x") ? "only-x" : null);
        assertThat(call.header("anthropic-version") != null).isEqualTo(name.equals("x") || name.equals("y"));
        assertThat(call.path().contains("only-p=1")).isEqualTo(name.equals("p"));
        assertThat(body.has("only_p")).isEqualTo(name.equals("p"));
        assertThat(body.has("only_f")).isEqualTo(name.equals("f"));
        assertThat(body.has("only_x")).isEqualTo(name.equals("x"));
        switch (name) {
            case "p" -> assertThat(body.path("temperature").asDouble()).isEqualTo(0.11);
            case "f" -> assertThat(body.path("temperature").asDouble()).isEqualTo(0.99);
            case "x" -> assertThat(body.path("max_tokens").asInt()).isEqualTo(77);
            default -> assertThat(body.path("max_tokens").asInt()).isEqualTo(88);
        }
        if (name.equals("p") || name.equals("f")) {
            assertThat(body.has("max_tokens")).isFalse();
            assertThat(body.path("user").asText()).isEqualTo("u1");
        }
    }
}
