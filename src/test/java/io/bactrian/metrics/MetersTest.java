package io.bactrian.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.config.Chain;
import io.bactrian.config.Config;
import io.bactrian.config.ConfigReader;
import io.bactrian.config.Service;
import io.bactrian.config.Target;
import io.bactrian.health.DrillFault;
import io.bactrian.health.ProbeResult;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.Usage;
import io.bactrian.protocol.openai.ChatCompletions;
import io.bactrian.request.DocumentReply;
import io.bactrian.request.RequestContext;
import io.bactrian.testing.MetricsText;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.TestLimits;
import io.bactrian.testing.TestRequests;
import io.bactrian.testing.VirtualClock;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class MetersTest {
    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT).throwExceptionOnRegistrationFailure();
    private final Meters meters = new Meters(registry, new VirtualClock());
    private final Chain chain = TestChains.chain(TestLimits.defaults(), "a");

    private RequestContext conversation() {
        return TestRequests.planned(
                ChatCompletions.PROTOCOL.read("{\"messages\":[{}]}".getBytes(StandardCharsets.UTF_8)),
                chain,
                TestChains.plan(chain, 600_000),
                new DocumentReply(ChatCompletions.PROTOCOL, "req_1"),
                0,
                false);
    }

    /** A configuration with these targets, each with the model of the name {@code model-<target>}, and further lines. */
    private static Config config(List<String> targets, String... more) {
        Map<String, String> lines = new LinkedHashMap<>();
        lines.put("bactrian.providers.p.base-url", "https://api.groq.com/openai/v1");
        lines.put("bactrian.providers.p.keyless", "true");
        for (String target : targets) {
            lines.put("bactrian.targets." + target + ".provider", "p");
            lines.put("bactrian.targets." + target + ".model", "model-" + target);
        }
        lines.put("bactrian.chains.default", String.join(", ", targets));
        for (String line : more) {
            lines.put(line.split("=", 2)[0], line.split("=", 2)[1]);
        }
        return ((ConfigReader.Result.Read) ConfigReader.read(lines, Map.of())).config();
    }

    private static Failure failure(FailureClass type) {
        return Failure.of(type, 503, "it failed");
    }

    private MetricsText scrape() {
        return MetricsText.of(registry.scrape());
    }

    private double drills(String target, String fault) {
        return scrape().value("bactrian_drills_total", "target", target, "fault", fault);
    }

    @Test
    void calls_that_a_drill_has_failed_are_counted_by_target_and_fault() {
        meters.serve(config(List.of("a", "b")));
        RequestContext drilled = conversation();
        drilled.drilledCalls().add("a", DrillFault.of("429"));
        drilled.drilledCalls().add("a", DrillFault.of("429"));
        drilled.drilledCalls().add("b", DrillFault.of("reset"));
        meters.done(drilled);
        meters.done(conversation());

        assertThat(drills("a", "429")).isEqualTo(2);
        assertThat(drills("b", "reset")).isEqualTo(1);
    }

    @Test
    void names_that_callers_make_up_do_not_fill_the_memory() {
        RequestContext drilled = conversation();
        for (int i = 0; i < 600; i++) {
            drilled.drilledCalls().add("o/" + i, DrillFault.of("429"));
        }
        meters.done(drilled);

        assertThat(drills("other", "429")).isEqualTo(600);
        assertThat(registry.find("bactrian.drills").counters()).hasSize(1);
    }

    @Test
    void ten_thousand_models_that_only_callers_name_share_one_label() {
        Config config = config(List.of("a"));
        meters.serve(config);
        meters.answered(named("first", config), 5);
        int before = registry.getMeters().size();
        for (int i = 0; i < 10_000; i++) {
            meters.answered(named("q\"uo\nte-" + i, config), 5);
        }

        assertThat(registry.getMeters()).hasSize(before);
        assertThat(scrape().value("bactrian_attempts_total", "target", "other", "class", "OK"))
                .isEqualTo(10_001);
        assertThat(scrape().labelValues("gen_ai_client", "gen_ai_request_model"))
                .containsExactly("other");
        assertThat(scrape().labelValues("gen_ai_client", "gen_ai_provider_name"))
                .containsExactly("groq");
    }

    private static Target named(String model, Config config) {
        return TestChains.target("p/" + model, config.providers().get("p"), 1, null);
    }

    @Test
    void calls_are_counted_by_target_and_class_and_timed_by_model() {
        Config config = config(List.of("a"));
        meters.serve(config);
        Target a = config.targets().get("a");
        meters.answered(a, 1500);
        meters.failed(a, failure(FailureClass.OVERLOADED), 20);
        meters.failed(a, failure(FailureClass.CANCELLED), 20);
        meters.firstToken(a, 400);

        MetricsText now = scrape();
        assertThat(now.value("bactrian_attempts_total", "target", "a", "class", "OK"))
                .isEqualTo(1);
        assertThat(now.value("bactrian_attempts_total", "target", "a", "class", "CANCELLED"))
                .isEqualTo(1);
        assertThat(now.value(
                        "gen_ai_client_operation_duration_seconds_bucket",
                        "gen_ai_request_model",
                        "model-a",
                        "error_type",
                        "",
                        "le",
                        "2.56"))
                .isEqualTo(1);
        assertThat(now.value("gen_ai_client_operation_time_to_first_chunk_seconds_sum", "gen_ai_provider_name", "groq"))
                .isEqualTo(0.4);
        assertThat(meters.of(a).answers()).isEqualTo(1);
        assertThat(meters.of(a).failures()).containsExactly(Map.entry(FailureClass.OVERLOADED, 1L));
    }

    @Test
    void probes_are_counted_apart_from_calls_and_cost_money() {
        Config config = config(List.of("a"));
        meters.serve(config);
        Target a = config.targets().get("a");
        meters.probed(new ProbeResult(a, null, 30, 8, 2, 0.25));
        meters.probed(new ProbeResult(a, failure(FailureClass.TIMEOUT), 5000, 0, 0, 0));

        MetricsText now = scrape();
        assertThat(now.value("bactrian_probes_total", "target", "a", "result", "OK"))
                .isEqualTo(1);
        assertThat(now.value("bactrian_probes_total", "target", "a", "result", "TIMEOUT"))
                .isEqualTo(1);
        assertThat(now.value("bactrian_probe_duration_seconds_sum", "target", "a"))
                .isEqualTo(5.03);
        assertThat(now.value("bactrian_cost_dollars_total", "target", "a", "call", "probe"))
                .isEqualTo(0.25);
        assertThat(now.value("bactrian_attempts_total")).isZero();
    }

    @Test
    void what_a_reload_removes_is_forgotten_and_what_stays_goes_on() {
        Config before = config(List.of("a", "b"));
        meters.serve(before);
        meters.answered(before.targets().get("a"), 5);
        meters.answered(before.targets().get("b"), 5);
        for (int i = 0; i < 50; i++) {
            meters.serve(config(List.of("a", "x" + i)));
            meters.answered(config(List.of("x" + i)).targets().get("x" + i), 5);
        }
        meters.serve(config(List.of("a")));
        meters.answered(before.targets().get("a"), 5);
        meters.answered(before.targets().get("b"), 5);

        MetricsText now = scrape();
        assertThat(now.labelValues("bactrian_attempts", "target")).containsExactly("a", "other");
        assertThat(now.labelValues("gen_ai_client", "gen_ai_request_model")).containsExactly("model-a", "other");
        assertThat(now.value("bactrian_attempts_total", "target", "a")).isEqualTo(2);
        assertThat(now.value("bactrian_attempts_total", "target", "other"))
                .as("a call that ended after its target was removed")
                .isEqualTo(1);
    }

    @Test
    void the_counts_of_a_target_whose_model_changes_go_on() {
        Config before = config(List.of("a"));
        meters.serve(before);
        meters.probed(new ProbeResult(before.targets().get("a"), null, 30, 8, 2, 0.25));
        meters.answered(before.targets().get("a"), 5);
        meters.failed(before.targets().get("a"), failure(FailureClass.OVERLOADED), 5);

        Config changed = config(List.of("a"), "bactrian.targets.a.model=successor");
        meters.serve(changed);
        Target a = changed.targets().get("a");
        assertThat(meters.of(a).dollars()).isEqualTo(0.25);
        assertThat(meters.of(a).answers()).isEqualTo(1);
        assertThat(meters.of(a).failures()).containsExactly(Map.entry(FailureClass.OVERLOADED, 1L));
        meters.answered(a, 5);
        assertThat(meters.of(a).answers()).isEqualTo(2);
        assertThat(scrape().value("bactrian_attempts_total", "target", "a", "class", "OK"))
                .isEqualTo(2);
        assertThat(scrape().labelValues("gen_ai_client", "gen_ai_request_model"))
                .containsExactly("successor");
    }

    @Test
    void input_tokens_that_nobody_counted_are_not_recorded() {
        Config config = config(List.of("a"));
        meters.serve(config);
        meters.of(config.targets().get("a")).spent(Service.CHAT, new Usage(0, 2));
        meters.of(config.targets().get("a")).spent(Service.CHAT, new Usage(11, 7));
        assertThat(scrape().value("gen_ai_client_token_usage_count", "gen_ai_token_type", "input"))
                .isEqualTo(1);
        assertThat(scrape().value("gen_ai_client_token_usage_sum", "gen_ai_token_type", "output"))
                .isEqualTo(9);
    }

    @Test
    void a_caller_that_leaves_in_mid_stream_is_no_broken_stream() {
        RequestContext left = conversation();
        left.partialAnswer().breakOff(failure(FailureClass.CANCELLED), "a");
        meters.done(left);
        assertThat(registry.find("bactrian.rescues").counters()).isEmpty();

        meters.serve(config(List.of("a", "b")));
        RequestContext broken = conversation();
        broken.partialAnswer().breakOff(failure(FailureClass.STREAM_BROKEN), "a");
        broken.partialAnswer().breakOff(failure(FailureClass.CANCELLED), "b");
        meters.done(broken);
        assertThat(registry.find("bactrian.rescues").counters()).hasSize(1);
        assertThat(scrape().labelValues("bactrian_rescues", "from"))
                .as("the caller left while b was to go on")
                .containsExactly("a");
    }

    @Test
    void the_names_of_the_conventions_change_with_the_configuration() {
        Config before = config(List.of("a"));
        meters.serve(before);
        meters.answered(before.targets().get("a"), 5);
        Config renamed = config(List.of("a"), "bactrian.metrics.gen-ai=0.1");
        meters.serve(renamed);
        meters.answered(renamed.targets().get("a"), 5);

        assertThat(scrape().types().keySet())
                .contains("gen_ai_client_inference_duration_seconds")
                .doesNotContain("gen_ai_client_operation_duration_seconds");
        assertThat(scrape().value("bactrian_attempts_total", "target", "a")).isEqualTo(2);
    }

    @Test
    void five_hundred_targets_and_more_have_bounded_metrics() {
        List<String> names = IntStream.range(0, 700).mapToObj(i -> "t" + i).toList();
        Config config = config(names);
        meters.serve(config);
        config.targets().values().forEach(target -> {
            meters.answered(target, 5);
            meters.failed(target, failure(FailureClass.SERVER_ERROR), 5);
            meters.firstToken(target, 5);
        });

        String text = registry.scrape();
        assertThat(MetricsText.of(text).labelValues("bactrian_attempts", "target"))
                .hasSize(501);
        assertThat(text.length()).isLessThan(12_000_000);
    }
}
