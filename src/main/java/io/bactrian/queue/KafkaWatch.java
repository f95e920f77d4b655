package io.bactrian.queue;

import io.bactrian.broker.Trouble;
import io.bactrian.config.KafkaSettings;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.camel.Endpoint;
import org.apache.camel.component.kafka.KafkaEndpoint;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;

/**
 * The watch over the brokers of Kafka: one line in the log when they are away, and one when they are back. The clients themselves
 * connect again without it, and each of them would say so every second.
 */
public final class KafkaWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaWatch.class);
    private static final Duration PERIOD = Duration.ofSeconds(5);
    private static final int PATIENCE = 10_000;

    private final Properties properties;
    private final KafkaSettings settings;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Trouble trouble = new Trouble();

    private KafkaWatch(Properties properties, KafkaSettings settings) {
        this.properties = properties;
        this.settings = settings;
    }

    /** Watches, on a thread of its own, with the credentials of the endpoint that takes the records. */
    public static KafkaWatch over(Endpoint requests, KafkaSettings settings) {
        Properties properties = new Properties();
        if (requests instanceof KafkaEndpoint kafka) {
            properties.putAll(kafka.getConfiguration().createConsumerProperties());
            properties.keySet().removeIf(key -> !AdminClientConfig.configNames().contains(key.toString()));
        }
        properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, settings.brokers());
        properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE / 2);
        properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, PATIENCE / 2);
        properties.remove(AdminClientConfig.CLIENT_ID_CONFIG);
        KafkaWatch watch = new KafkaWatch(properties, settings);
        Thread.ofVirtual().name("kafka-watch").start(watch::run);
        return watch;
    }

    private void run() {
        try {
            while (!closed.await(0, TimeUnit.MILLISECONDS)) {
                try (Admin admin = Admin.create(properties)) {
                    do {
                        say(look(admin));
                    } while (!closed.await(PERIOD.toMillis(), TimeUnit.MILLISECONDS));
                } catch (KafkaException e) {
                    say("Kafka cannot be reached: " + root(e));
                    if (closed.await(PERIOD.toMillis(), TimeUnit.MILLISECONDS)) {
                        return;
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What is wrong; null if nothing is. */
    private @Nullable String look(Admin admin) throws InterruptedException {
        for (String topic : List.of(settings.requests(), settings.replies(), settings.deadLetters())) {
            try {
                admin.describeTopics(List.of(topic)).allTopicNames().get(PATIENCE, TimeUnit.MILLISECONDS);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                    return "Kafka has no topic " + topic + " yet";
                }
                return "Kafka at " + settings.brokers() + " does not answer, its requests wait: " + root(e);
            } catch (TimeoutException e) {
                return "Kafka at " + settings.brokers() + " does not answer, its requests wait";
            }
        }
        return null;
    }

    private void say(@Nullable String now) {
        if (closed.getCount() == 0) {
            return;
        }
        if (now != null) {
            if (trouble.begins(now)) {
                LOG.warn("{}", now);
            }
        } else if (trouble.over()) {
            LOG.info("Kafka is there: requests are taken from {}", settings.requests());
        }
    }

    private static String root(Throwable thrown) {
        Throwable cause = NestedExceptionUtils.getMostSpecificCause(thrown);
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
