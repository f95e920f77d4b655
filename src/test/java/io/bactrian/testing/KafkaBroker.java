package io.bactrian.testing;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * A Kafka broker in a process of its own, on free ports. Its jars are those of {@code target/kafka-broker.classpath}, which Maven
 * writes in its phase pre-integration-test. Thread-safe.
 */
public final class KafkaBroker implements AutoCloseable {
    private static final Path CLASS_PATH = Path.of("target/kafka-broker.classpath");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path directory;
    private final int port;
    private final Process process;

    private KafkaBroker(Path directory, int port, Process process) {
        this.directory = directory;
        this.port = port;
        this.process = process;
    }

    /** Starts one, and waits until it answers. */
    public static KafkaBroker start() {
        try {
            Path directory = Folders.temporary("bactrian-kafka");
            int port = Ports.free();
            int controller = Ports.free();
            Path settings = Files.write(
                    directory.resolve("server.properties"),
                    List.of(
                            "process.roles=broker,controller",
                            "node.id=1",
                            "controller.quorum.bootstrap.servers=127.0.0.1:" + controller,
                            "controller.listener.names=CONTROLLER",
                            "listeners=PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controller,
                            "log.dirs=" + directory.resolve("data"),
                            "auto.create.topics.enable=false",
                            "offsets.topic.replication.factor=1",
                            "offsets.topic.num.partitions=4",
                            "group.initial.rebalance.delay.ms=0"));
            List<String> format = List.of(
                    "kafka.tools.StorageTool",
                    "format",
                    "--standalone",
                    "--cluster-id",
                    "bactrian-test-cluster0",
                    "--config",
                    settings.toString());
            if (java(directory, format).waitFor() != 0) {
                throw new AssertionError("Kafka's folder cannot be made: " + output(directory));
            }
            KafkaBroker broker =
                    new KafkaBroker(directory, port, java(directory, List.of("kafka.Kafka", settings.toString())));
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).until(broker::answers);
            return broker;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Addresses, as clients are given them. */
    public String brokers() {
        return "127.0.0.1:" + port;
    }

    /** Makes topics that are not there yet. */
    public void topics(int partitions, String... names) {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", brokers()))) {
            List<NewTopic> topics = new ArrayList<>();
            for (String name : names) {
                topics.add(new NewTopic(name, partitions, (short) 1));
            }
            admin.createTopics(topics).all().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    private boolean answers() {
        if (!process.isAlive()) {
            throw new AssertionError("Kafka has ended: " + output(directory));
        }
        try (Admin admin = Admin.create(Map.of(
                "bootstrap.servers", brokers(), "default.api.timeout.ms", "2000", "request.timeout.ms", "2000"))) {
            return !admin.describeCluster().nodes().get(2, TimeUnit.SECONDS).isEmpty();
        } catch (ExecutionException | TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static Process java(Path directory, List<String> arguments) throws IOException {
        if (!Files.exists(CLASS_PATH)) {
            throw new AssertionError(CLASS_PATH + " is missing: run mvn antrun:run@kafka-broker");
        }
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-cp",
                Files.readString(CLASS_PATH).strip()));
        command.addAll(arguments);
        File log = directory.resolve("log.txt").toFile();
        return new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
    }

    private static String output(Path directory) {
        try {
            return Files.readString(directory.resolve("log.txt"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
