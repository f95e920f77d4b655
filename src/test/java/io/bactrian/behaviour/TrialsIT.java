package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A key or model that was refused: it is tried every ten seconds where nobody else can answer. */
final class TrialsIT {
    private static final Map<String, ProviderError> REFUSED = Map.of(
            "key", ProviderError.OPENAI_BAD_KEY,
            "money", ProviderError.OPENAI_PAYMENT,
            "model", ProviderError.OPENAI_NO_MODEL,
            "claude", ProviderError.ANTHROPIC_BAD_KEY);

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with()
            .openai("key", "money", "model", "lasting", "rests", "f")
            .anthropic("claude");

    @Test
    void one_mistaken_refusal_is_an_outage_of_ten_seconds() {
        REFUSED.forEach((p, error) -> gateway.stub(p).answers(error.reply(), Reply.text("well again")));
        gateway.stub("lasting").answers(ProviderError.OPENAI_BAD_KEY.reply());
        for (String p : REFUSED.keySet()) {
            assertThat(only(p, false).status()).isIn(503, 404);
        }
        only("lasting", false);

        for (String p : REFUSED.keySet()) {
            Answer meanwhile = only(p, true);
            assertThat(meanwhile.status()).isIn(503, 404);
            assertThat(meanwhile.took()).as("no wait for what may last").isLessThan(Duration.ofSeconds(4));
            assertThat(gateway.stub(p).calls()).hasSize(1);
            if (meanwhile.status() == 503) {
                assertThat(Integer.parseInt(meanwhile.header("retry-after"))).isBetween(1, 10);
                assertThat(meanwhile.header("x-should-retry")).isEqualTo("false");
            }
        }

        for (String p : REFUSED.keySet()) {
            Answer[] answer = new Answer[1];
            await().atMost(Duration.ofSeconds(20))
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> (answer[0] = only(p, p.equals("key"))).status() == 200);
            assertThat(answer[0].content()).isEqualTo("well again");
            assertThat(gateway.stub(p).call(2).since(gateway.stub(p).call(1)))
                    .isBetween(Duration.ofMillis(9_900), Duration.ofSeconds(15));
            assertThat(only(p, false).status()).as("the rest has ended").isEqualTo(200);
        }
    }

    @Test
    void many_requests_make_one_trial() {
        gateway.stub("lasting").answers(ProviderError.OPENAI_NO_MONEY.reply());
        only("lasting", false);
        int before = gateway.stub("lasting").calls().size();

        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> {
                    List<Answer> answers = gateway.askAtOnce(20, i -> request("lasting", false));
                    assertThat(answers).allSatisfy(a -> assertThat(a.status()).isEqualTo(503));
                    return gateway.stub("lasting").calls().size() > before;
                });

        assertThat(gateway.stub("lasting").calls()).hasSize(before + 1);
    }

    @Test
    void nobody_is_tried_while_another_can_answer() {
        gateway.stub("rests").answers(ProviderError.OPENAI_BAD_KEY.reply(), Reply.text("well again"));
        Request both = Request.of("rests/model-rests").fallbacks("f/model-f");
        assertThat(gateway.ask(both).outcomes()).isEqualTo("rests=AUTHENTICATION, f=OK");

        long until = System.nanoTime() + Duration.ofSeconds(11).toNanos();
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> {
                    assertThat(gateway.ask(both).outcomes()).isEqualTo("f=OK");
                    return System.nanoTime() > until;
                });
        gateway.stub("f").answers(Reply.status(500, "oops"));

        assertThat(gateway.ask(both).outcomes()).isEqualTo("f=SERVER_ERROR, f=SERVER_ERROR, rests=OK");
    }

    private static Answer only(String provider, boolean stream) {
        return gateway.ask(request(provider, stream));
    }

    private static Request request(String provider, boolean stream) {
        return Request.of(provider + "/model-" + provider).stream(stream);
    }
}
