package io.bactrian.behaviour;

import static io.bactrian.testing.AnswerAssertions.assertWhole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Call;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Mode;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Circuit breakers: when a target is left alone after failures, and how it comes back. One call for each request:
 * {@code max-attempts=1}.
 */
final class BreakerIT {
    private static final Reply BROKEN = Reply.status(500, "oops");

    @RegisterExtension
    static final GatewayExtension gateway = configured(GatewayExtension.with(
                    "bactrian.defaults.max-attempts=1",
                    "bactrian.defaults.patience=1ms",
                    "bactrian.defaults.breaker.open-for=60s",
                    "bactrian.providers.uncounted.breaker.failures=1",
                    "bactrian.providers.bad-key.breaker.failures=1",
                    "bactrian.providers.no-money.breaker.failures=1")
            .openai("p", "f", "dying", "openai", "uncounted", "bad-key", "no-money")
            .anthropic("anthropic"));

    private final StubProvider p = gateway.stub("p");
    private final StubProvider f = gateway.stub("f");

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void four_failures_and_a_success_leave_it_closed_five_in_a_row_open_it(boolean stream) {
        p.on(call -> call.number() == 5 ? Reply.text("well") : BROKEN);

        for (int i = 1; i <= 9; i++) {
            assertThat(ask("p, f", stream).outcomes()).isEqualTo(i == 5 ? "p=OK" : "p=SERVER_ERROR, f=OK");
        }
        assertThat(breaker("p/" + gateway.model())).isEqualTo("CLOSED");
        assertThat(ask("p, f", stream).outcomes()).isEqualTo("p=SERVER_ERROR, f=OK");
        assertThat(breaker("p/" + gateway.model())).isEqualTo("OPEN");

        Answer after = ask("p, f", stream);

        assertThat(after.outcomes()).isEqualTo("f=OK");
        assertThat(after.header("x-bactrian-skipped")).isEqualTo("p/" + gateway.model() + "=CIRCUIT_OPEN");
        assertThat(after.header("x-bactrian-fallbacks")).isEqualTo("1");
    }

    @Test
    void one_trial_after_the_open_time_a_failed_one_doubles_it_and_a_good_one_closes() {
        open("second, f", gateway.target("second"));

        assertThat(untilTrial()).isBetween(Duration.ofMillis(500), Duration.ofSeconds(10));
        assertThat(p.calls()).hasSize(1);

        p.answers(Reply.text("well again"));
        assertThat(untilTrial()).isBetween(Duration.ofMillis(1500), Duration.ofSeconds(10));
        assertThat(p.calls()).hasSize(2);
        assertThat(breaker(gateway.target("second"))).isEqualTo("CLOSED");
        assertThat(ask("second, f", false).outcomes()).endsWith("=OK").startsWith("second");

        // Closed for good: the next time it is open for the first time again, not for the doubled one.
        open("second, f", gateway.target("second"));
        Answer refused = gateway.ask(Request.of(gateway.target("second")).header("x-bactrian-timeout", "100ms"));
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.header("retry-after")).isEqualTo("1");
    }

    /** From now until a request reaches the first target. */
    private Duration untilTrial() {
        long start = System.nanoTime();
        await().pollInterval(Duration.ofMillis(20))
                .until(() -> ask("second, f", false).outcomes().startsWith("second"));
        return Duration.ofNanos(System.nanoTime() - start);
    }

    @ParameterizedTest
    @CsvSource({
        "OPENAI_TOO_FAST",
        "OPENAI_MISTAKE",
        "OPENAI_TOO_LONG",
        "OPENAI_POLICY",
        "OPENAI_PARAMETER",
        "OPENAI_NO_MODEL",
        "OPENAI_BAD_KEY",
        "OPENAI_NO_MONEY"
    })
    void what_says_nothing_of_the_targets_health_is_not_counted(ProviderError trouble) {
        // A key that rests is of no use to the other cases.
        String provider =
                switch (trouble) {
                    case OPENAI_BAD_KEY -> "bad-key";
                    case OPENAI_NO_MONEY -> "no-money";
                    default -> "uncounted";
                };
        gateway.stub(provider).answers(trouble.reply());

        ask(provider + ", f", false);
        ask(provider + ", f", true);

        assertThat(gateway.stub(provider).calls()).isNotEmpty();
        assertThat(breaker(provider + "/" + gateway.model())).isEqualTo("CLOSED");
    }

    @Test
    void a_caller_in_a_hurry_says_nothing_of_the_targets_health() {
        p.answers(Reply.silence());

        Answer answer = gateway.ask(Request.of(gateway.chain("fragile")).header("x-bactrian-timeout", "200ms"));

        assertThat(answer.outcomes()).isEqualTo(gateway.target("fragile") + "=TIMEOUT");
        assertThat(breaker(gateway.target("fragile"))).isEqualTo("CLOSED");
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENAI_STREAM", "OPENAI_DOCUMENT", "ANTHROPIC_STREAM", "ANTHROPIC_DOCUMENT"})
    void what_counts_opens_it_in_every_form(Mode mode) {
        // The reset comes first: on a connection that was kept it would be the keep-alive race.
        List<Reply> forms = List.of(
                Reply.reset(),
                Reply.status(503, "{}"),
                Reply.html(),
                Reply.silence(),
                Reply.text("a b").endAfter(0),
                Reply.text("a b")
                        .errorEventAfter(
                                0, (mode.openai() ? ProviderError.OPENAI_BUSY : ProviderError.ANTHROPIC_BUSY).json()));
        String target = gateway.target("six-" + mode.api());
        for (Reply form : forms) {
            assertThat(breaker(target)).isEqualTo("CLOSED");
            gateway.stub(mode.api()).answers(form);
            assertWhole(ask("six-" + mode.api() + ", f", mode.stream()), mode.stream(), "Hello from the stub.");
        }
        assertThat(breaker(target)).isEqualTo("OPEN");
    }

    @Test
    void every_name_of_a_model_shares_one_breaker() {
        open("one, f", gateway.target("one"));

        assertThat(ask("other, f", false).outcomes()).isEqualTo("f=OK");
        assertThat(gateway.ask(Request.of("p/" + gateway.target("one")).header("x-bactrian-timeout", "100ms"))
                        .status())
                .isEqualTo(503);
        assertThat(p.calls()).isEmpty();
    }

    @Test
    void all_open_is_a_503_at_once_with_the_time_of_the_earliest_return() {
        p.answers(BROKEN);
        f.answers(BROKEN);
        Request both = Request.of(gateway.chain("long, short", "deadline=3s"));
        gateway.ask(both);

        Answer answer = gateway.ask(both);

        String skipped = "%s=CIRCUIT_OPEN, %s=CIRCUIT_OPEN".formatted(gateway.target("long"), gateway.target("short"));
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.took()).isLessThan(Duration.ofMillis(2500));
        assertThat(Integer.parseInt(answer.header("retry-after"))).isBetween(5, 8);
        assertThat(answer.header("x-bactrian-skipped")).isEqualTo(skipped);
        assertThat(answer.error("message")).contains(gateway.target("long") + "=CIRCUIT_OPEN");
        assertThat(answer.outcomes()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void earliest_of_all_open_is_waited_for_within_the_deadline(boolean stream) {
        p.answers(BROKEN);
        f.answers(BROKEN, Reply.text("back again"));
        Request both = Request.of(gateway.chain("long, brief", "deadline=5s")).stream(stream);
        Answer first = gateway.ask(both);
        assertThat(first.status()).isEqualTo(503);

        Answer second = gateway.ask(both);

        assertWhole(second, stream, "back again");
        assertThat(second.outcomes()).isEqualTo(gateway.target("brief") + "=OK");
        assertThat(f.call(2).since(f.call(1))).isBetween(Duration.ofMillis(690), Duration.ofSeconds(5));
    }

    @Test
    void one_trial_at_a_time_and_who_waits_for_it_is_served_after_it() {
        p.on(call -> call.number() == 1
                ? BROKEN
                : call.number() == 2 ? Reply.text("slow trial").delayed(Duration.ofSeconds(1)) : Reply.text("served"));
        ask("brittle", false);

        List<Answer> answers = gateway.askAtOnce(30, i -> Request.of(gateway.chain("brittle")));

        assertThat(answers).allSatisfy(a -> assertThat(a.status()).isEqualTo(200));
        assertThat(p.calls()).hasSize(31);
        Call trial = p.call(2);
        assertThat(p.calls().subList(2, 31))
                .allSatisfy(c -> assertThat(c.since(trial)).isGreaterThan(Duration.ofMillis(900)));
    }

    @Test
    void provider_that_is_down_for_a_while_costs_few_calls_and_no_request() {
        p.answers(BROKEN);
        long until = System.nanoTime() + Duration.ofSeconds(3).toNanos();
        int requests = 0;
        // A request each 50 ms instead of each 4 s, an open time of 500 ms instead of 60 s.
        while (System.nanoTime() < until) {
            requests++;
            assertThat(ask("half-second, f", requests % 2 == 0).content()).isEqualTo("Hello from the stub.");
            long next = System.nanoTime() + Duration.ofMillis(50).toNanos();
            await().pollInterval(Duration.ofMillis(10)).until(() -> System.nanoTime() > next);
        }

        assertThat(p.calls()).hasSizeBetween(6, 9).hasSizeLessThan(requests);
        p.answers(Reply.text("P is well"));
        await().atMost(Duration.ofSeconds(9))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> ask("half-second, f", false).content().equals("P is well"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nobody_is_lost_while_a_provider_dies_under_two_hundred(boolean stream) {
        p.answers(Reply.text("a b").firstTokenAfter(Duration.ofMillis(30)));
        Request request = Request.of(gateway.chain("p, f", "max-attempts=3")).stream(stream);
        List<CompletableFuture<Answer>> asked = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            asked.add(gateway.askInBackground(request));
            if (i == 100) {
                await().until(() -> p.calls().size() > 20);
                p.on(call -> Reply.reset());
            }
        }
        List<Answer> answers = asked.stream().map(CompletableFuture::join).toList();

        assertThat(answers).allSatisfy(a -> assertThat(a.status()).isEqualTo(200));
        assertThat(answers.stream().map(Answer::content).collect(Collectors.toSet()))
                .containsOnly("a b", "Hello from the stub.");
        List<String> told = answers.stream().flatMap(a -> a.trail().stream()).toList();
        assertThat(told.stream().filter(e -> e.startsWith("p/")))
                .hasSize(p.calls().size());
        assertThat(told.stream().filter(e -> e.startsWith("f/")))
                .hasSize(f.calls().size());
        assertThat(breaker("p/" + gateway.model())).isEqualTo("OPEN");
        p.forget();
        assertThat(gateway.askAtOnce(200, i -> request))
                .allSatisfy(a -> assertThat(a.content()).isEqualTo("Hello from the stub."));
        assertThat(p.calls()).isEmpty();
    }

    @Test
    void open_target_of_two_hundred_gets_one_trial() {
        StubProvider dying = gateway.stub("dying").answers(BROKEN);
        IntStream.range(0, 5).forEach(i -> ask("trial, f", false));
        assertThat(breaker(gateway.target("trial"))).isEqualTo("OPEN");
        dying.forget();
        dying.answers(Reply.silence());
        await().until(() ->
                gateway.status(gateway.target("trial")).path("available").asBoolean());

        List<CompletableFuture<Answer>> asked = IntStream.range(0, 200)
                .mapToObj(i -> gateway.askInBackground(
                        Request.of(gateway.chain("trial, f")).header("x-bactrian-timeout", "20s")))
                .toList();
        await().until(() -> asked.stream().filter(CompletableFuture::isDone).count() == 199);
        assertThat(dying.calls()).hasSize(1);
        dying.die();
        assertThat(asked)
                .allSatisfy(answer -> assertThat(answer.join().status()).isEqualTo(200));
    }

    private static Answer ask(String steps, boolean stream) {
        return gateway.ask(Request.of(gateway.chain(steps)).stream(stream));
    }

    private static String breaker(String target) {
        return gateway.status(target).path("breaker").asText();
    }

    private void open(String steps, String target) {
        p.answers(BROKEN);
        IntStream.range(0, 5).forEach(i -> ask(steps, false));
        assertThat(breaker(target)).isEqualTo("OPEN");
        p.forget();
    }

    private static GatewayExtension configured(GatewayExtension extension) {
        return extension
                .pool(30)
                .targets("second", "p", "breaker.open-for=1s")
                .targets("half-second", "p", "breaker.open-for=500ms")
                .targets("fragile", "p", "breaker.failures=1")
                .targets("brittle", "p", "breaker.failures=1", "breaker.open-for=300ms")
                .targets("one", "p")
                .targets("other", "p", "model=one-#")
                .targets("long", "p", "breaker.failures=1", "breaker.open-for=20s")
                .targets("short", "f", "breaker.failures=1", "breaker.open-for=8s")
                .targets("brief", "f", "breaker.failures=1", "breaker.open-for=700ms")
                .targets("six-openai", "openai", "breaker.failures=6", "first-token-timeout=200ms")
                .targets("six-anthropic", "anthropic", "breaker.failures=6", "first-token-timeout=200ms")
                .targets("trial", "dying", "breaker.open-for=600ms")
                .chains("p, f")
                .chains("p, f", "max-attempts=3")
                .chains("second, f")
                .chains("half-second, f")
                .chains("fragile")
                .chains("brittle")
                .chains("one, f")
                .chains("other, f")
                .chains("long, short", "deadline=3s")
                .chains("long, brief", "deadline=5s")
                .chains("six-openai, f")
                .chains("six-anthropic, f")
                .chains("trial, f")
                .chains("uncounted, f")
                .chains("bad-key, f")
                .chains("no-money, f");
    }
}
