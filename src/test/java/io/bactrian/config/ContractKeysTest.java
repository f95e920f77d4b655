package io.bactrian.config;

import static io.bactrian.config.Reading.BASE;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every key that users may rely on is accepted. */
class ContractKeysTest {

    private static final List<String> REQUEST_LIMITS = List.of(
            "deadline = 600s",
            "max-total-attempts = 8",
            "stream-commit = complete",
            "stream-commit-tools = first-token",
            "hedge-share = 0.05",
            "max-waiting = 200",
            "min-quality = 0",
            "wait-for-quality = 0s");
    private static final List<String> ATTEMPT_LIMITS = List.of(
            "connect-timeout = 3s",
            "first-token-timeout = 10s",
            "first-token-timeout-thinking = 60s",
            "response-timeout = 120s",
            "idle-timeout = 20s",
            "max-attempts = 3",
            "backoff = 500ms",
            "max-backoff = 30s",
            "patience = 5s",
            "stream-rescue = prefill, replay, continue",
            "stream-rescue = off",
            "upstream-streaming = on",
            "content-policy = next",
            "invalid-request = return",
            "hedge-delay = p95",
            "hedge-delay = 800ms");
    private static final List<String> MODEL_LIMITS = List.of("breaker.failures = 5", "breaker.open-for = 60s");

    static Stream<String> limits() {
        return Stream.of(
                        limits("bactrian.defaults.", REQUEST_LIMITS, ATTEMPT_LIMITS, MODEL_LIMITS),
                        limits("bactrian.chains-options.default.", REQUEST_LIMITS, ATTEMPT_LIMITS),
                        limits("bactrian.providers.local.", ATTEMPT_LIMITS, MODEL_LIMITS),
                        limits("bactrian.targets.small.", ATTEMPT_LIMITS, MODEL_LIMITS))
                .flatMap(lines -> lines);
    }

    static Stream<String> misplaced() {
        return Stream.of(
                        limits("bactrian.chains-options.default.", MODEL_LIMITS),
                        limits("bactrian.providers.local.", REQUEST_LIMITS),
                        limits("bactrian.targets.small.", REQUEST_LIMITS))
                .flatMap(lines -> lines);
    }

    @SafeVarargs
    private static Stream<String> limits(String prefix, List<String>... limits) {
        return Stream.of(limits).flatMap(List::stream).map(limit -> prefix + limit);
    }

    @ParameterizedTest
    @MethodSource("limits")
    void a_limit_is_accepted_where_it_may_stand(String line) {
        assertThat(Reading.mistakes(BASE + line)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("misplaced")
    void a_limit_is_refused_where_it_may_not_stand(String line) {
        String key = line.substring(0, line.indexOf(' '));
        assertThat(Reading.mistake(line)).startsWith(key + " = ").contains("set ", "bactrian.defaults");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bactrian.providers.local.api = openai",
                "bactrian.providers.local.api = anthropic",
                "bactrian.providers.local.api-key = a, b",
                "bactrian.providers.local.headers.x-team = search",
                "bactrian.providers.local.headers.x.dotted = search",
                "bactrian.providers.local.query.api-version = 2026-01-01",
                "bactrian.providers.local.auth = api-key",
                "bactrian.providers.local.auth = x-api-key",
                "bactrian.providers.local.max-connections = 10",
                "bactrian.providers.local.proxy = http://proxy:3128",
                "bactrian.targets.small.body.temperature = 0.2",
                "bactrian.targets.small.body.provider.order = [\"a\"]",
                "bactrian.targets.small.max-tokens = 8192",
                "bactrian.targets.small.thinks = true",
                "bactrian.targets.small.quality = 0.7",
                "bactrian.targets.small.context-tokens = 128000",
                "bactrian.targets.small.max-output-tokens = 4096",
                "bactrian.targets.small.supports = tools, -images",
                "bactrian.targets.small.price-input = 2.50",
                "bactrian.targets.small.price-output = 0",
                "bactrian.chains.default = small, large, local/other",
                "bactrian.chains.fast = small",
                "bactrian.aliases = gpt-*: default, claude-*: small",
                "camel.server.port = 0",
                "camel.server.host = 0.0.0.0",
                "bactrian.server.keys = ann:secret",
                "bactrian.server.max-body = 20MB",
                "bactrian.server.max-in-flight = 20000",
                "bactrian.reload = false",
                "bactrian.server.cors = https://app.example.com, *",
                "bactrian.demo = off",
                "bactrian.chains-options.default.order = least-busy",
                "bactrian.chains-options.default.hedge-share = 0.1",
                "bactrian.chains.fast = race(small, large), hedge(local/a, local/b), balance(local/c*3, local/d),"
                        + " stale",
                "bactrian.stale.max-age = 24h",
                "bactrian.stale.max-entries = 10000",
                "bactrian.chains-options.default.stale-tools = true",
                "bactrian.stale.store = jdbc:h2:mem:x",
                "bactrian.stale.store = jdbc:h2:./data/stale;USER=sa;PASSWORD=x",
                "bactrian.stale.store = jdbc:h2:file:~/stale",
                "bactrian.stale.store = jdbc:postgresql://db.example.com/stale?user=u&password=p@:/%20",
                "bactrian.stale.store = jdbc:postgresql://one:5432,[::1]:5433/stale",
                "bactrian.stale.store = jdbc:postgresql:stale",
                "bactrian.static.sorry = We are sorry.",
                "bactrian.server.keys = ann:secret\nbactrian.server.limits.ann.requests-per-minute = 60",
                "bactrian.server.keys = ann:secret\nbactrian.server.limits.ann.tokens-per-minute = 60000",
                "bactrian.server.keys = ann:secret\nbactrian.server.limits.ann.chains = default",
                "bactrian.alerts.publish = log:bactrian.alerts, jms:topic:llm.alerts",
                "bactrian.alerts.webhook = https://hooks.example.com/x",
                "bactrian.alerts.teams = https://example.com/workflows/x?sig=y",
                "bactrian.alerts.pagerduty = 0123456789abcdef0123456789abcdef",
                "bactrian.alerts.pagerduty = 0123456789abcdef0123456789abcdef\nbactrian.alerts.pagerduty-url = https://events.eu.pagerduty.com/v2/enqueue",
                "bactrian.alerts.alertmanager = http://localhost:9093",
                "bactrian.alerts.mail = smtp://mail.example.com:587?to=ops@example.com&username=u&password=p",
                "bactrian.alerts.repeat = 1h",
                "bactrian.alerts.cluster = eu-1",
                "bactrian.alerts.min-severity = error",
                "bactrian.alerts.first-token = 2s",
                "bactrian.metrics.gen-ai = 0.1",
                "bactrian.drills = true",
                "bactrian.queue.broker-url = tcp://localhost:61616",
                "bactrian.health.period = 0s",
                "bactrian.health.timeout = 5s",
                "bactrian.health.prompt = Say 'ok'",
                "bactrian.health.publish = log:bactrian.health,jms:topic:llm.health",
                "bactrian.health.budget = 1",
                "bactrian.node = eu-1",
                "bactrian.providers.local.probe = models",
                "bactrian.targets.small.probe = passive",
                "bactrian.defaults.hedge-delay = p95",
                "bactrian.defaults.wait-for-quality = 1s",
                "bactrian.chains.default ="
            })
    void a_key_is_accepted_without_a_word_about_missing_features(String line) {
        Config config = Reading.config(BASE + line);
        assertThat(config.notices()).noneMatch(notice -> notice.contains("not built"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bactrian.queue.enabled = true",
                "bactrian.queue.broker-url = tcp://broker:61616",
                "bactrian.queue.requests = llm.requests",
                "bactrian.queue.replies = llm.replies",
                "bactrian.queue.dead-letters = llm.dead",
                "bactrian.queue.consumers = 50",
                "bactrian.kafka.brokers = one:9092, two:9092, [::1]:9092",
                "bactrian.kafka.requests = llm.requests",
                "bactrian.kafka.consumers = 50"
            })
    void a_key_of_the_queue_is_accepted_without_a_notice(String line) {
        assertThat(Reading.config(BASE + line).notices()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis://localhost",
                "rediss://user:pass-word@redis.example.com:6380/2",
                "redis://:secret@[::1]:6379/",
                "jdbc:postgresql://db/bactrian?user=bactrian&password=secret",
                "jdbc:postgresql://one:5432,two:5432/bactrian"
            })
    void a_store_of_shared_limits_is_accepted(String url) {
        Config config = Reading.config(BASE + "bactrian.shared.limits = " + url);
        assertThat(config.server().sharedLimits()).isEqualTo(url);
        assertThat(config.notices()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "true",
                "redis:hush",
                "redis://user:hush@",
                "redis://user:hush@host:66000",
                "redis://hush@host",
                "redis://user:1#hush@host",
                "jdbc:h2:./hush",
                "jdbc:postgresql://user:hush@host/database",
                "postgresql://host/hush"
            })
    void another_store_is_a_mistake_that_says_what_is_right_without_the_value(String url) {
        assertThat(Reading.mistakes(BASE + "bactrian.shared.limits = " + url))
                .singleElement()
                .asString()
                .contains("bactrian.shared.limits", "jdbc:postgresql://host/database", "redis://host:6379")
                .doesNotContain("hush");
    }
}
