package io.bactrian.queuecrash;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Requests from a queue while processes are killed. {@code it/queue/run.sh} does the same at length, and more of it. */
final class QueueCrashIT {
    private static final int REQUESTS = 300;
    private static final int CONSUMERS = 20;
    private static final String LIMIT = "bactrian.queue.consumers=" + CONSUMERS;

    private final CountingProvider provider = new CountingProvider(5, 60);
    private final Random random = new Random();

    @AfterEach
    void stop() {
        provider.close();
    }

    @Test
    void a_gateway_killed_with_its_broker_answers_every_request_once() {
        int kills = 2;
        try (QueueScene scene = QueueScene.embedded(provider, LIMIT)) {
            QueueScene.Node gateway = scene.gateway();
            scene.send(REQUESTS);
            for (int kill = 0; kill < kills; kill++) {
                scene.awaitCalls(1 + random.nextInt(REQUESTS / 3));
                gateway.kill();
                gateway.restart();
            }

            Tally tally = scene.finish();

            assertThat(tally.kept()).as(tally.toString()).isTrue();
            assertThat(tally.asked()).as(tally.toString()).isLessThanOrEqualTo(kills * CONSUMERS);
        }
    }

    @Test
    void a_gateway_killed_beside_its_broker_answers_every_request_once() {
        try (QueueScene scene = QueueScene.withBroker(provider, LIMIT)) {
            QueueScene.Node gateway = scene.gateway();
            scene.send(REQUESTS);
            scene.awaitCalls(1 + random.nextInt(REQUESTS / 2));
            gateway.kill();
            gateway.restart();

            Tally tally = scene.finish();

            assertThat(tally.kept()).as(tally.toString()).isTrue();
            assertThat(tally.asked()).as(tally.toString()).isLessThanOrEqualTo(CONSUMERS);
        }
    }

    @Test
    void the_requests_of_a_killed_gateway_are_answered_by_another() {
        try (QueueScene scene = QueueScene.withBroker(provider, LIMIT)) {
            QueueScene.Node killed = scene.gateway();
            scene.gateway();
            scene.send(REQUESTS);
            scene.awaitCalls(1 + random.nextInt(REQUESTS / 2));
            killed.kill();

            Tally tally = scene.finish();

            // The store of the killed one is a file that the other cannot read.
            assertThat(tally.withoutStore().kept()).as(tally.toString()).isTrue();
            assertThat(tally.asked()).as(tally.toString()).isLessThanOrEqualTo(CONSUMERS);
        }
    }

    @Test
    void after_the_broker_was_killed_nothing_is_asked_again() {
        try (QueueScene scene = QueueScene.withBroker(provider, LIMIT)) {
            scene.gateway();
            scene.send(REQUESTS);
            scene.awaitCalls(1 + random.nextInt(REQUESTS / 2));
            scene.broker().kill();
            scene.broker().restart();

            Tally tally = scene.finish();

            assertThat(tally.kept()).as(tally.toString()).isTrue();
            assertThat(tally.asked()).as(tally.toString()).isZero();
        }
    }
}
