package io.bactrian.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.config.PlaceNames;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** One place that gets documents: slow, away, and named without secrets. */
final class PublisherTest {
    private final Queue<String> sent = new ConcurrentLinkedQueue<>();

    @Test
    void a_place_that_hangs_holds_nobody_up_and_gets_the_latest_documents() throws InterruptedException {
        CountDownLatch hangs = new CountDownLatch(1);
        try (Publisher publisher = new Publisher("there", document -> {
            hangs.await();
            sent.add(document);
        })) {
            for (int i = 0; i < 1_000; i++) {
                publisher.publish("document " + i);
            }
            hangs.countDown();

            await().atMost(Duration.ofSeconds(20)).until(() -> sent.contains("document 999"));
            assertThat(sent.size()).isLessThanOrEqualTo(Publisher.QUEUE + 1);
        }
    }

    @Test
    void what_failed_is_sent_again() {
        int[] calls = {0};
        try (Publisher publisher = new Publisher("there", document -> {
            if (++calls[0] == 1) {
                throw new IllegalStateException("away");
            }
            sent.add(document);
        })) {
            publisher.publish("one");

            await().atMost(Duration.ofSeconds(20)).until(() -> sent.contains("one"));
        }
    }

    @Test
    void the_name_of_a_place_has_no_secret() {
        assertThat(PlaceNames.of("https://u:pw@hooks.example.com/T0/secret?token=x"))
                .isEqualTo("https://hooks.example.com");
        assertThat(PlaceNames.of("jms:topic:llm.health?password=x")).isEqualTo("jms:topic:llm.health");
        assertThat(PlaceNames.of("ftp:u:pw@host")).isEqualTo("ftp:…");
        assertThat(PlaceNames.of("kafka:health?brokers=b:9092&saslPassword=x")).isEqualTo("kafka:health");
    }
}
