package io.bactrian.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.alert.Observation.BrokerTrouble;
import io.bactrian.alert.Observation.ChainView;
import io.bactrian.alert.Observation.Fallback;
import io.bactrian.alert.Observation.KeyView;
import io.bactrian.alert.Observation.LatestFailure;
import io.bactrian.alert.Observation.Letters;
import io.bactrian.alert.Observation.Refusal;
import io.bactrian.alert.Observation.TargetView;
import io.bactrian.alert.Observation.UnknownErrors;
import io.bactrian.config.Provider;
import io.bactrian.config.Target;
import io.bactrian.health.HealthReport;
import io.bactrian.health.HealthReport.Evidence;
import io.bactrian.health.HealthState;
import io.bactrian.policy.FailureClass;
import io.bactrian.testing.TestChains;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The conditions that each state of the gateway means, and their texts. */
final class RulesTest {
    private static final long NOW = Instant.parse("2026-11-22T14:05:00Z").toEpochMilli();
    private static final long SINCE = Instant.parse("2026-11-22T14:02:00Z").toEpochMilli();
    private static final Duration OPEN_FOR = Duration.ofSeconds(60);

    private final Map<String, TargetView> targets = new LinkedHashMap<>();
    private ChainView chain = chain(List.of("a", "b", "c"), 0, 0, null);

    @Test
    void all_is_well() {
        targets("a", "b", "c");

        assertThat(conditions()).isEmpty();
    }

    @Test
    void a_target_that_is_down_is_told_with_its_stand_in_and_its_next_probe() {
        targets("b", "c");
        put(down("a", FailureClass.OVERLOADED, 529));

        assertThat(conditions())
                .filteredOn(condition -> !condition.weak())
                .singleElement()
                .satisfies(condition -> {
                    assertThat(condition.key()).isEqualTo("target/a");
                    assertThat(condition.text())
                            .isEqualTo(
                                    "a is down since 14:02 UTC (OVERLOADED, status 529). b answers in its place. Next probe in"
                                            + " 30 s. Nothing to do unless it lasts; then check the provider's status page, or put"
                                            + " another target first.");
                });
    }

    @Test
    void fallbacks_of_an_outage_that_is_over_open_no_alert() {
        Fallback way = new Fallback("a", "b", "OVERLOADED");
        chain = chain(List.of("a", "b", "c"), 100, 60, way);
        targets("b", "c");
        TargetView well = target("a", HealthState.UP, null, 0, null, null);
        HealthReport back = new HealthReport(
                well.target(), HealthState.UP, NOW - 60_000, null, 0, null, null, Evidence.PROBE, NOW + 30_000);
        put(well);
        assertThat(condition(AlertKind.FALLBACK_SHARE).weak()).isFalse();

        put(new TargetView(well.target(), well.chains(), back, null, false, OPEN_FOR, null, 0, null, 0, null, false));

        assertThat(condition(AlertKind.FALLBACK_SHARE).weak()).isTrue();
    }

    @Test
    void what_is_configured_is_known() {
        targets("a");

        Observation seen = observation(List.of(), null);

        assertThat(seen.knows(AlertKind.TARGET_DOWN, "a")).isTrue();
        assertThat(seen.knows(AlertKind.TARGET_DOWN, "b")).isFalse();
        assertThat(seen.knows(AlertKind.CHAIN_DOWN, "default")).isTrue();
        assertThat(seen.knows(AlertKind.CHAIN_DOWN, "a")).isFalse();
        assertThat(seen.knows(AlertKind.PROVIDER_DOWN, "of-a")).isTrue();
        assertThat(seen.knows(AlertKind.PROVIDER_DOWN, "of-b")).isFalse();
        assertThat(seen.knows(AlertKind.CONFIGURATION_REFUSED, "config")).isTrue();
    }

    @Test
    void two_targets_of_a_provider_down_for_one_cause_are_one_alert() {
        Provider shared = TestChains.provider("shared", "secret");
        targets("c");
        put(down(TestChains.target("a", shared, 1, null), FailureClass.OVERLOADED, 529));
        put(down(TestChains.target("b", shared, 1, null), FailureClass.OVERLOADED, 529));

        Condition provider = condition(AlertKind.PROVIDER_DOWN);
        assertThat(provider.weak()).isFalse();
        assertThat(provider.text()).startsWith("2 targets of provider shared are down since 14:02 UTC");
        assertThat(provider.silences()).contains("target/a", "target/b", "target/a/breaker");
    }

    @Test
    void two_targets_of_a_provider_down_for_two_causes_are_two_alerts() {
        Provider shared = TestChains.provider("shared", "secret");
        targets("c");
        put(down(TestChains.target("a", shared, 1, null), FailureClass.OVERLOADED, 529));
        put(down(TestChains.target("b", shared, 1, null), FailureClass.TIMEOUT, 0));

        assertThat(condition(AlertKind.PROVIDER_DOWN).weak()).isTrue();
    }

    @Test
    void a_chain_whose_targets_are_all_away_silences_them() {
        put(down("a", FailureClass.OVERLOADED, 529));
        put(open("b", NOW - 60_000));
        put(down("c", FailureClass.TIMEOUT, 0));

        Condition condition = condition(AlertKind.CHAIN_DOWN);
        assertThat(condition.weak()).isFalse();
        assertThat(condition.silences())
                .contains("target/a", "target/b/breaker", "target/c", "chain/default/last", "provider/of-a");
        assertThat(condition.text())
                .startsWith("No target of chain default can answer since 14:04 UTC: a (OVERLOADED, status 529), b (")
                .contains("Callers get 503; the next call is tried at 14:06 UTC.");
    }

    @Test
    void a_chain_whose_requests_all_fail_is_down_although_its_targets_seem_well() {
        targets("a", "b", "c");
        chain = new ChainView("default", List.of("a", "b", "c"), List.of(), 10, 0, null, 0, 3, SINCE, NOW - 1_000);

        assertThat(condition(AlertKind.CHAIN_DOWN).text())
                .startsWith("No target of chain default can answer since 14:02 UTC");
    }

    @Test
    void a_chain_that_failed_twice_or_some_time_ago_is_not_down() {
        targets("a", "b", "c");
        chain = new ChainView("default", List.of("a", "b", "c"), List.of(), 10, 0, null, 0, 2, SINCE, NOW - 1_000);
        assertThat(conditions()).isEmpty();

        chain = new ChainView("default", List.of("a", "b", "c"), List.of(), 10, 0, null, 0, 9, SINCE, NOW - 61_000);
        assertThat(conditions()).isEmpty();
    }

    @Test
    void a_rate_limit_is_a_sign_of_life() {
        put(target("a", HealthState.UP, null, 0, null, FailureClass.RATE_LIMITED));
        put(target("b", HealthState.UP, null, 0, null, FailureClass.RATE_LIMITED));
        put(target("c", HealthState.UP, null, 0, null, FailureClass.RATE_LIMITED));

        assertThat(conditions()).isEmpty();
    }

    @Test
    void one_target_left_names_it_and_those_that_are_away() {
        targets("c");
        put(down("a", FailureClass.OVERLOADED, 529));
        put(open("b", NOW - 1_000));

        Condition condition = condition(AlertKind.LAST_TARGET);
        assertThat(condition.weak()).isFalse();
        assertThat(condition.text())
                .startsWith("Chain default has one target left: c. Away: a (OVERLOADED, status 529), b");
    }

    @Test
    void a_chain_of_one_target_has_no_last_one() {
        targets("a");
        chain = chain(List.of("a"), 0, 0, null);

        assertThat(conditions()).isEmpty();
    }

    @Test
    void a_breaker_that_stays_open_is_told_after_twice_its_time() {
        targets("a", "b");
        put(open("c", NOW - 119_000));
        assertThat(condition(AlertKind.BREAKER_OPEN).weak()).isTrue();

        put(open("c", NOW - 121_000));
        assertThat(condition(AlertKind.BREAKER_OPEN).weak()).isFalse();
        assertThat(condition(AlertKind.BREAKER_OPEN).text())
                .startsWith("The circuit breaker of c has been open since 14:02 UTC");
    }

    @Test
    void many_fallbacks_are_told_with_the_most_frequent_way() {
        targets("a", "b", "c");
        chain = chain(List.of("a", "b", "c"), 40, 9, new Fallback("a", "b", "RATE_LIMITED"));

        assertThat(condition(AlertKind.FALLBACK_SHARE).weak()).isFalse();
        assertThat(condition(AlertKind.FALLBACK_SHARE).text())
                .startsWith("23 % of the requests of chain default fell back within ten minutes (9 of 40). Most of them"
                        + " went from a to b because of RATE_LIMITED.");

        chain = new ChainView("default", List.of("a", "b", "c"), List.of(), 40, 9, null, 0.1, 0, 0, 0);
        assertThat(condition(AlertKind.FALLBACK_SHARE).weak())
                .as("it was so, and is no more")
                .isTrue();
        chain = chain(List.of("a", "b", "c"), 40, 5, null);
        assertThat(condition(AlertKind.FALLBACK_SHARE).weak()).isTrue();
        chain = chain(List.of("a", "b", "c"), 40, 3, null);
        assertThat(conditions()).isEmpty();
        chain = chain(List.of("a", "b", "c"), 19, 19, null);
        assertThat(conditions()).isEmpty();
    }

    @Test
    void a_key_is_named_by_its_place() {
        targets("a", "b", "c");
        KeyView refused = new KeyView("p", 2, 3, FailureClass.AUTHENTICATION, SINCE, true, 0);
        KeyView spent = new KeyView("q", 1, 1, FailureClass.QUOTA_EXHAUSTED, SINCE, true, 0);

        List<Condition> conditions = Rules.check(observation(List.of(refused, spent), null));

        assertThat(conditions).extracting(Condition::key).containsExactly("key/p/2", "key/q/1");
        assertThat(conditions.getFirst().text())
                .isEqualTo("Provider p refuses key 2 of 3 since 14:02 UTC (AUTHENTICATION). The other keys are used in"
                        + " its place. Replace it in bactrian.providers.p.api-key; the change takes effect without a"
                        + " restart.");
        assertThat(conditions.getLast().text())
                .startsWith("Provider q has no quota left for key 1 of 1")
                .contains("It is the only key, so the next targets answer.");
    }

    @Test
    void a_slow_target_is_told_with_both_figures() {
        targets("b", "c");
        put(slow("a", Duration.ofMillis(3_400)));

        assertThat(Rules.check(observation(List.of(), Duration.ofSeconds(2))))
                .singleElement()
                .satisfies(condition -> {
                    assertThat(condition.key()).isEqualTo("target/a/slow");
                    assertThat(condition.text()).contains("longer than 3.4 s", "the objective is 2.0 s");
                });
        assertThat(Rules.check(observation(List.of(), Duration.ofSeconds(4))))
                .singleElement()
                .returns(true, Condition::weak);
        assertThat(Rules.check(observation(List.of(), Duration.ofSeconds(5)))).isEmpty();
        assertThat(conditions()).as("without an objective").isEmpty();
    }

    @Test
    void unknown_errors_dead_letters_a_broker_that_is_away_and_a_refused_configuration_are_told() {
        targets("a", "b", "c");
        Observation seen = new Observation(
                NOW,
                targets,
                List.of(chain),
                List.of(),
                List.of(new UnknownErrors("p", 418, "teapot", SINCE)),
                new Letters(3, SINCE, "INVALID_REQUEST 3"),
                new BrokerTrouble("the broker is away", false, SINCE),
                new Refusal(SINCE, List.of("x: wrong", "y: wrong")),
                null);

        assertThat(Rules.check(seen))
                .extracting(Condition::key)
                .containsExactlyInAnyOrder("provider/p/unknown", "queue/dead", "queue/broker", "config");
        assertThat(Rules.check(seen))
                .extracting(Condition::text)
                .anyMatch(text -> text.contains("(status 418, code teapot), the last one at 14:02 UTC"))
                .anyMatch(text -> text.startsWith("3 messages could not be answered"))
                .anyMatch(text ->
                        text.startsWith("No request is taken from the queue since 14:02 UTC: the broker is away."))
                .anyMatch(text -> text.endsWith("Correct the files: x: wrong; y: wrong"));
    }

    @Test
    void a_broker_that_can_be_used_but_has_to_be_seen_to_is_a_warning() {
        targets("a", "b", "c");
        Observation seen = new Observation(
                NOW,
                targets,
                List.of(chain),
                List.of(),
                List.of(),
                Letters.NONE,
                new BrokerTrouble("the disk is nearly full", true, SINCE),
                Refusal.NONE,
                null);

        assertThat(Rules.check(seen)).singleElement().satisfies(condition -> {
            assertThat(condition.key()).isEqualTo("queue/warning");
            assertThat(condition.text()).contains("since 14:02 UTC: the disk is nearly full.");
        });
    }

    @Test
    void a_target_whose_breaker_only_waits_for_a_call_is_well() {
        put(onTrial("a"));
        put(down("b", FailureClass.TIMEOUT, 0));
        put(down("c", FailureClass.TIMEOUT, 0));

        assertThat(conditions()).noneMatch(condition -> condition.kind() == AlertKind.CHAIN_DOWN);
        assertThat(condition(AlertKind.BREAKER_OPEN).weak()).isTrue();
        assertThat(condition(AlertKind.TARGET_DOWN).text()).contains("a answers in its place.");
    }

    @Test
    void a_chain_that_fails_although_its_targets_are_well_is_told_with_their_last_failures() {
        targets("b", "c");
        TargetView well = target("a", HealthState.UP, null, 0, null, null);
        put(new TargetView(
                well.target(),
                well.chains(),
                well.health(),
                null,
                false,
                OPEN_FOR,
                null,
                0,
                new LatestFailure(FailureClass.TIMEOUT, 0, NOW - 2_000),
                0,
                null,
                false));
        chain = new ChainView("default", List.of("a", "b", "c"), List.of(), 10, 0, null, 0, 3, SINCE, NOW - 1_000);

        assertThat(condition(AlertKind.CHAIN_DOWN).text()).contains(": a (TIMEOUT). Callers get 503.");
    }

    @Test
    void a_chain_that_a_drill_takes_down_silences_no_real_failure() {
        chain = chain(List.of("a", "b"), 0, 0, null);
        put(drilled(open("a", NOW - 1_000)));
        put(down("b", FailureClass.OVERLOADED, 529));

        assertThat(condition(AlertKind.CHAIN_DOWN).drill()).isTrue();
        assertThat(condition(AlertKind.CHAIN_DOWN).silences()).isEmpty();
        assertThat(condition(AlertKind.TARGET_DOWN).drill()).isFalse();
    }

    @Test
    void what_a_drill_does_is_marked() {
        targets("b", "c");
        put(drilled(open("a", NOW - 300_000)));

        assertThat(condition(AlertKind.BREAKER_OPEN).drill()).isTrue();
        assertThat(condition(AlertKind.BREAKER_OPEN).text()).startsWith("Drill: ");
    }

    private static TargetView drilled(TargetView away) {
        return new TargetView(
                away.target(),
                away.chains(),
                away.health(),
                away.notClosedSince(),
                away.onTrial(),
                OPEN_FOR,
                away.obstacle(),
                away.backAt(),
                null,
                0,
                null,
                true);
    }

    private static TargetView onTrial(String name) {
        TargetView half = target(name, HealthState.DEGRADED, null, 0, NOW - 300_000, null);
        return new TargetView(
                half.target(),
                half.chains(),
                half.health(),
                half.notClosedSince(),
                true,
                OPEN_FOR,
                null,
                0,
                half.failure(),
                0,
                null,
                false);
    }

    private List<Condition> conditions() {
        return Rules.check(observation(List.of(), null));
    }

    private Condition condition(AlertKind kind) {
        return conditions().stream()
                .filter(condition -> condition.kind() == kind)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + kind + " among " + conditions()));
    }

    private Observation observation(List<KeyView> keys, @Nullable Duration firstToken) {
        return new Observation(
                NOW, targets, List.of(chain), keys, List.of(), Letters.NONE, null, Refusal.NONE, firstToken);
    }

    private static ChainView chain(List<String> names, long requests, long fallbacks, @Nullable Fallback most) {
        return new ChainView(
                "default",
                names,
                List.of(),
                requests,
                fallbacks,
                most,
                requests == 0 ? 0 : (double) fallbacks / requests,
                0,
                0,
                0);
    }

    private void targets(String... names) {
        for (String name : names) {
            put(target(name, HealthState.UP, null, 0, null, null));
        }
    }

    private void put(TargetView view) {
        targets.put(view.name(), view);
    }

    private static TargetView down(String name, FailureClass cause, int status) {
        return down(TestChains.target(name), cause, status);
    }

    private static TargetView down(Target target, FailureClass cause, int status) {
        return view(target, HealthState.DOWN, cause, status, null, null, null);
    }

    private static TargetView open(String name, long since) {
        return target(name, HealthState.UNKNOWN, null, 0, since, FailureClass.CIRCUIT_OPEN);
    }

    private static TargetView slow(String name, Duration p95) {
        return view(TestChains.target(name), HealthState.UP, null, 0, null, null, p95);
    }

    private static TargetView target(
            String name,
            HealthState state,
            @Nullable FailureClass cause,
            int status,
            @Nullable Long notClosedSince,
            @Nullable FailureClass obstacle) {
        return view(TestChains.target(name), state, cause, status, notClosedSince, obstacle, null);
    }

    private static TargetView view(
            Target target,
            HealthState state,
            @Nullable FailureClass cause,
            int status,
            @Nullable Long notClosedSince,
            @Nullable FailureClass obstacle,
            @Nullable Duration p95) {
        HealthReport health =
                new HealthReport(target, state, SINCE, cause, status, null, null, Evidence.PROBE, NOW + 30_000);
        LatestFailure failure =
                notClosedSince == null ? null : new LatestFailure(FailureClass.SERVER_ERROR, 500, SINCE);
        return new TargetView(
                target,
                List.of("default"),
                health,
                notClosedSince,
                false,
                OPEN_FOR,
                obstacle,
                obstacle == null ? 0 : NOW + 60_000,
                failure,
                0,
                p95,
                false);
    }
}
