package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Gateway;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What callers may wish for and what answers tell of themselves, alike at both doors. */
final class MessagesDoorWishesIT {
    private static final StubProvider a = StubProvider.anthropic();
    private static final StubProvider o = StubProvider.openai();
    private static Gateway gateway;
    private static int models;

    @BeforeAll
    static void start() {
        Map<String, StubProvider> line = new LinkedHashMap<>();
        line.put("a", a);
        line.put("o", o);
        gateway = Gateway.over(
                line,
                "bactrian.defaults.max-attempts=1",
                "bactrian.defaults.breaker.failures=1000",
                "bactrian.targets.weak.provider=o",
                "bactrian.targets.weak.model=weak",
                "bactrian.targets.weak.quality=0.4",
                "bactrian.targets.weak.supports=-images",
                "bactrian.chains.weak-last=a/strong, weak",
                "bactrian.chains.weak-first=weak, a/strong");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        a.close();
        o.close();
    }

    @BeforeEach
    void nobody_was_asked() {
        for (StubProvider stub : List.of(a, o)) {
            stub.answers(Reply.text("Hello from the stub."));
            stub.forget();
        }
    }

    @ParameterizedTest
    @EnumSource
    void who_answered_and_who_did_not_is_told_at_both_doors(Caller caller) {
        String model = "m" + models++;
        a.answers(Reply.status(500, "oops"));

        Answer added = gateway.post(
                caller.path(),
                caller.body("a/" + model, false, "{\"fallbacks\":[\"o/" + model + "\"]}"),
                "x-request-id",
                "mine-" + model);
        assertThat(added.status()).isEqualTo(200);
        assertThat(caller.words(added)).isEqualTo("Hello from the stub.");
        assertThat(added.attempts()).isEqualTo("a/" + model + "=SERVER_ERROR, o/" + model + "=OK");
        assertThat(added.header("x-bactrian-target")).isEqualTo("o/" + model);
        assertThat(added.header("x-bactrian-fallbacks")).isEqualTo("1");
        assertThat(added.header("x-bactrian-degraded")).isEqualTo("false");
        assertThat(added.header("x-bactrian-quality")).isEqualTo("1.0");
        assertThat(added.header("x-request-id")).isEqualTo("mine-" + model);

        Answer worse = gateway.post(caller.path(), caller.body("weak-last", true, "{}"));
        assertThat(worse.header("x-bactrian-degraded")).isEqualTo("quality");
        assertThat(worse.header("x-bactrian-quality")).isEqualTo("0.4");
        assertThat(caller.words(worse)).isEqualTo("Hello from the stub.");
    }

    @ParameterizedTest
    @EnumSource
    void what_a_caller_wishes_is_granted_at_both_doors(Caller caller) {
        Answer floor =
                gateway.post(caller.path(), caller.body("weak-first", false, "{}"), "x-bactrian-min-quality", "0.5");
        assertThat(floor.attempts()).isEqualTo("a/strong=OK");
        assertThat(floor.header("x-bactrian-skipped")).isEqualTo("weak=quality");

        o.answers(Reply.status(500, "oops"));
        Answer alone =
                gateway.post(caller.path(), caller.body("weak-first", false, "{}"), "x-bactrian-fallback", "off");
        assertThat(alone.attempts()).isEqualTo("weak=SERVER_ERROR");
        assertThat(alone.status()).isEqualTo(caller == Caller.CHAT ? 503 : 529);

        a.answers(Reply.silence());
        Answer late = gateway.post(caller.path(), caller.body("a/slow", false, "{}"), "x-bactrian-timeout", "300");
        assertThat(late.status()).isEqualTo(504);
        assertThat(late.attempts()).isEqualTo("a/slow=TIMEOUT");
        assertThat(late.took()).isLessThan(Duration.ofSeconds(3));

        Answer nonsense = gateway.post(caller.path(), caller.body("a/x", false, "{}"), "x-bactrian-timeout", "soon");
        assertThat(nonsense.status()).isEqualTo(400);
        assertThat(nonsense.error("message")).contains("x-bactrian-timeout");
    }

    @Test
    void a_target_that_takes_no_images_is_passed_over() {
        Answer answer = gateway.post("/v1/messages", MessagesDoorIT.REQUEST.replace("MODEL", "weak-first"));

        assertThat(answer.header("x-bactrian-skipped")).isEqualTo("weak=images");
        assertThat(answer.header("x-bactrian-target")).isEqualTo("a/strong");
        assertThat(o.calls()).isEmpty();
    }
}
