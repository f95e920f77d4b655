package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Broker;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.LogCapture;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.TextMessage;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two gateways on one broker: what one finds, the other knows. */
final class NodesIT {
    private final Broker broker = Broker.start();
    private final StubProvider p = StubProvider.openai();
    private final StubProvider f = StubProvider.openai();
    private final List<AutoCloseable> opened = new ArrayList<>(List.of(f, p, broker));

    @Test
    void a_breaker_that_opens_at_one_node_is_open_at_the_other_until_it_closes() {
        Gateway one = gateway("one");
        Gateway two = gateway("two");
        soon().until(() -> hears(one, "two") && hears(two, "one"));
        fail(one);

        soon().until(() -> breaker(two).equals("OPEN"));
        assertThat(target(two).path("by").asText()).isEqualTo("one");
        assertThat(target(one).has("by")).isFalse();
        int calls = p.calls().size();
        assertThat(two.ask().outcomes()).isEqualTo("f=OK");
        assertThat(p.calls()).hasSize(calls);

        p.answers(Reply.text("back"));
        one.post("/admin/targets/p%2Fmodel-p/close", "");
        soon().until(() -> breaker(two).equals("CLOSED"));
        assertThat(two.ask().outcomes()).isEqualTo("p=OK");
    }

    @Test
    void a_trial_call_of_one_node_closes_the_breaker_at_both() {
        Gateway one = gateway("one", "bactrian.defaults.breaker.open-for=1s");
        Gateway two = gateway("two", "bactrian.defaults.breaker.open-for=1s");
        soon().until(() -> hears(one, "two") && hears(two, "one"));
        fail(one);
        soon().until(() -> breaker(two).equals("OPEN"));

        p.answers(Reply.text("back"));
        soon().until(() -> one.ask().outcomes().equals("p=OK"));
        soon().until(() -> breaker(two).equals("CLOSED"));
    }

    @Test
    void a_target_that_is_told_to_wait_rests_at_both_nodes() {
        Gateway one = gateway("one");
        Gateway two = gateway("two");
        soon().until(() -> hears(one, "two") && hears(two, "one"));
        p.answers(Reply.status(429, "{}", "retry-after", "50"));
        assertThat(one.ask().outcomes()).isEqualTo("p=RATE_LIMITED, f=OK");

        soon().until(() -> target(two).path("coolingFrom").asText().equals("RATE_LIMITED"));
        assertThat(target(two).path("by").asText()).isEqualTo("one");
        assertThat(two.ask().outcomes()).isEqualTo("f=OK");
    }

    @Test
    void requests_of_a_queue_are_answered_once_by_two_nodes() throws JMSException {
        gateway("one", "bactrian.queue.enabled=true");
        gateway("two", "bactrian.queue.enabled=true");
        int requests = 40;
        try (JMSContext jms = broker.connectionFactory().createContext()) {
            for (int i = 0; i < requests; i++) {
                TextMessage request = jms.createTextMessage("Say hello");
                request.setJMSCorrelationID("c" + i);
                jms.createProducer().send(jms.createQueue("llm.requests"), request);
            }
            JMSConsumer replies = jms.createConsumer(jms.createQueue("llm.replies"));
            Set<String> answered = new HashSet<>();
            for (int i = 0; i < requests; i++) {
                answered.add(replies.receive(30_000).getJMSCorrelationID());
            }

            assertThat(answered).hasSize(requests);
            assertThat(replies.receiveNoWait()).isNull();
            assertThat(p.calls()).hasSize(requests);
        }
    }

    @Test
    void a_node_that_dies_while_its_breaker_is_open_holds_the_others_for_that_time_only()
            throws NoSuchAlgorithmException {
        Gateway one = gateway("one", "bactrian.defaults.breaker.open-for=1s");
        try (JMSContext jms = broker.connectionFactory().createContext()) {
            tell(jms, "\"breaker\":\"OPEN\",\"openMs\":86400000");

            soon().until(() -> breaker(one).equals("OPEN"));
            assertThat(target(one).path("by").asText()).isEqualTo("gone");
            soon().until(() -> one.ask().outcomes().equals("p=OK"));
            assertThat(breaker(one)).isEqualTo("CLOSED");
        }
    }

    @Test
    void garbage_on_the_topic_is_said_once_and_changes_nothing() throws NoSuchAlgorithmException {
        try (LogCapture log = LogCapture.open("bactrian.nodes");
                JMSContext jms = broker.connectionFactory().createContext()) {
            Gateway one = gateway("one");
            for (int i = 0; i < 20; i++) {
                for (String garbage : List.of(
                        "",
                        "{",
                        "[]",
                        "null",
                        "{\"kind\":\"nodes\"}",
                        "[".repeat(100_000),
                        "{\"kind\":\"nodes\",\"targets\":3}")) {
                    jms.createProducer().send(jms.createTopic("llm.health"), garbage);
                }
                jms.createProducer().send(jms.createTopic("llm.health"), new byte[] {0, -1, (byte) i});
            }
            tell(jms, "\"breaker\":\"OPEN\",\"openMs\":50000");

            soon().until(() -> breaker(one).equals("OPEN"));
            assertThat(log.lines().stream().filter(line -> line.contains("no JSON;")))
                    .hasSizeLessThanOrEqualTo(1);
        }
    }

    private void fail(Gateway gateway) {
        p.on(call -> Reply.status(500, "{}"));
        IntStream.range(0, 5).forEach(i -> gateway.ask());
        assertThat(breaker(gateway)).isEqualTo("OPEN");
    }

    /** Tells of the first target as a node named "gone" does. */
    private void tell(JMSContext jms, String rest) throws NoSuchAlgorithmException {
        byte[] digest =
                MessageDigest.getInstance("SHA-256").digest(("OPENAI " + p.baseUrl()).getBytes(StandardCharsets.UTF_8));
        String report = """
                {"kind":"nodes","node":"gone","boot":"0123456789abcdef","sequence":1,"targets":[
                  {"name":"p/model-p","endpoint":"%s",%s}]}""".formatted(HexFormat.of().formatHex(digest, 0, 4), rest);
        jms.createProducer().send(jms.createTopic("llm.health"), report);
    }

    private Gateway gateway(String node, String... more) {
        Map<String, StubProvider> providers = new LinkedHashMap<>();
        providers.put("p", p);
        providers.put("f", f);
        List<String> lines = new ArrayList<>(List.of(
                "bactrian.node=" + node,
                "bactrian.queue.broker-url=" + broker.url(),
                "bactrian.defaults.max-attempts=1"));
        lines.addAll(List.of(more));
        Gateway gateway = Gateway.over(providers, lines.toArray(String[]::new));
        opened.add(gateway);
        return gateway;
    }

    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(20));
    }

    private static boolean hears(Gateway gateway, String node) {
        return StreamSupport.stream(gateway.get("/status").json().path("nodes").spliterator(), false)
                .anyMatch(other -> other.path("name").asText().equals(node));
    }

    private static JsonNode target(Gateway gateway) {
        return gateway.get("/status").json().path("targets").path(0);
    }

    private static String breaker(Gateway gateway) {
        return target(gateway).path("breaker").asText();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }
}
