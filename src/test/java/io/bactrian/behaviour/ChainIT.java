package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Gateway;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who is asked, in which order, and what the answer says of it. */
final class ChainIT {

    @Test
    void fallback_answers_when_the_first_always_fails() {
        try (StubProvider p = StubProvider.openai();
                StubProvider f = StubProvider.openai();
                Gateway gateway = Gateway.over(line(p, f))) {
            p.answers(Reply.error(503, "server_error", "overloaded", "busy"));
            f.answers(Reply.text("F has the answer"));

            Gateway.Answer answer = gateway.ask();

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.content()).isEqualTo("F has the answer");
            assertThat(answer.attempts()).isEqualTo("p/model-p=OVERLOADED, p/model-p=OVERLOADED, f/model-f=OK");
            assertThat(answer.header("x-bactrian-fallbacks")).isEqualTo("1");
            assertThat(answer.header("x-bactrian-target")).isEqualTo("f/model-f");
            assertThat(p.calls()).hasSize(2);
        }
    }

    static Map<String, StubProvider> line(StubProvider p, StubProvider f) {
        Map<String, StubProvider> line = new LinkedHashMap<>();
        line.put("p", p);
        line.put("f", f);
        return line;
    }
}
