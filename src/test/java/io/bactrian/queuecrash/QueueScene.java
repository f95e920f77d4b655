package io.bactrian.queuecrash;

import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Program;
import jakarta.jms.JMSException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A provider, a broker, gateways and a caller, with requests under way. For one thread. */
final class QueueScene implements AutoCloseable {
    /** Times that a busy machine needs; none of them is measured. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /** Queues for what could not be handled, of the gateway and of brokers. */
    private static final List<String> DEAD =
            List.of("llm.dead", "llm.expired", "llm.undelivered", BrokerMain.DEAD_LETTERS, BrokerMain.EXPIRED);

    private static final AtomicInteger COUNT = new AtomicInteger();

    private final int number = COUNT.incrementAndGet();
    private final CountingProvider provider;
    private final @Nullable BrokerProgram broker;
    private final List<String> properties = new ArrayList<>();
    private final QueueClient client;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Long> storedAt = new HashMap<>();
    private final List<String> marks = new ArrayList<>();
    private @Nullable String store;
    private Thread sender = Thread.ofVirtual().unstarted(() -> {});
    private int sent;

    private QueueScene(CountingProvider provider, @Nullable BrokerProgram broker, String url) {
        this.provider = provider;
        this.broker = broker;
        this.client = new QueueClient(url, "crash.replies");
    }

    /** A scene in which each gateway is a client of a broker in a process of its own. */
    static QueueScene withBroker(CountingProvider provider, String... lines) {
        BrokerProgram broker = new BrokerProgram().listening();
        QueueScene scene = new QueueScene(provider, broker, broker.url());
        scene.properties.add("bactrian.queue.broker-url=" + broker.url());
        return scene.with(lines);
    }

    /** A scene with one gateway that has the broker in it. */
    static QueueScene embedded(CountingProvider provider, String... lines) {
        int port = Ports.free();
        QueueScene scene = new QueueScene(provider, null, "tcp://127.0.0.1:" + port);
        scene.properties.add("bactrian.queue.port=" + port);
        return scene.with(lines);
    }

    private QueueScene with(String... lines) {
        properties.add("camel.server.port=0");
        properties.add("bactrian.queue.enabled=true");
        properties.addAll(provider.properties());
        properties.addAll(List.of(lines));
        return this;
    }

    /** A gateway, which can be killed and started again in its folder. */
    final class Node implements AutoCloseable {
        private final Program.Setup setup = Program.with(properties.toArray(String[]::new));
        private Program program = setup.run();

        /** Ends it by force, and notes which answers it leaves in its store. */
        void kill() {
            program.close();
            program.exitCode();
            Set<String> stored = store == null ? StoredAnswers.in(setup.directory()) : StoredAnswers.in(store);
            long now = System.nanoTime();
            stored.forEach(mark -> storedAt.putIfAbsent(mark, now));
        }

        void restart() {
            program = setup.run();
        }

        /** Asks it to end, and waits until it has. */
        int stop() {
            program.terminate();
            return program.exitCode();
        }

        Program program() {
            return program;
        }

        @Override
        public void close() {
            program.close();
        }
    }

    /** The JDBC URL of the store that the gateways share. */
    void storedAt(String url) {
        store = url;
    }

    /** Another gateway. */
    Node gateway() {
        Node node = new Node();
        nodes.add(node);
        return node;
    }

    BrokerProgram broker() {
        if (broker == null) {
            throw new IllegalStateException("the broker is in the gateway");
        }
        return broker;
    }

    QueueClient client() {
        return client;
    }

    /** Begins to send requests, from a thread of their own. */
    void send(int requests) {
        send(requests, "");
    }

    void send(int requests, String padding) {
        List<String> added = IntStream.range(sent, sent + requests)
                .mapToObj(n -> "r" + number + "-" + n)
                .toList();
        sent += requests;
        marks.addAll(added);
        sender = Thread.ofVirtual().start(() -> client.send(added, padding));
    }

    /** Waits until the provider was asked so many times more. */
    void awaitCalls(int more) {
        int until = provider.count() + more;
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> provider.count() >= until);
    }

    /** Waits until all requests have left their queue, counts what became of them, and forgets them. */
    Tally finish() {
        try {
            sender.join();
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(20))
                    .ignoreExceptionsInstanceOf(JMSException.class)
                    .until(() -> client.depth(QueueClient.REQUESTS) == 0);
            // All replies are at the broker; those that are lost will not come in this time either.
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(20))
                    .ignoreExceptionsInstanceOf(JMSException.class)
                    .until(() -> client.depth("crash.replies") == 0);
            long dead = 0;
            for (String queue : DEAD) {
                dead += client.depth(queue);
            }
            Tally tally = Tally.of(marks, client, provider, storedAt, dead);
            marks.clear();
            storedAt.clear();
            client.forget();
            provider.forget();
            return tally;
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        client.close();
        nodes.forEach(Node::close);
        if (broker != null) {
            broker.close();
        }
    }
}
