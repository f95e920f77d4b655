package io.bactrian.runtime;

import io.bactrian.broker.BrokerConnections;
import io.bactrian.config.Config;
import io.bactrian.config.QueueSettings;
import io.bactrian.tryout.Tryout;
import io.bactrian.tryout.TryoutOptions;
import java.io.PrintStream;
import java.util.List;
import org.springframework.jms.connection.UserCredentialsConnectionFactoryAdapter;

/** The start of a run of requests over the queue. Apart from the {@link Application}, which must load without JMS. Stateless. */
final class TryoutStart {
    private TryoutStart() {}

    static Tryout with(Config config, TryoutOptions options, PrintStream out) {
        QueueSettings queue = config.queue();
        if (!queue.enabled()) {
            throw new InvalidConfiguration(List.of("bactrian.queue.enabled = false: there is no queue to try"));
        }
        if (queue.embedded() && queue.port() == 0) {
            throw new InvalidConfiguration(
                    List.of("bactrian.queue.port = 0: other programs cannot reach the embedded broker; choose a port"));
        }
        String url = queue.embedded() ? "tcp://127.0.0.1:" + queue.port() : queue.brokerUrl();
        UserCredentialsConnectionFactoryAdapter client = new UserCredentialsConnectionFactoryAdapter();
        BrokerConnections connections = BrokerConnections.to(url);
        client.setTargetConnectionFactory(connections.listeners());
        if (queue.embedded()) {
            // Its users are the callers, by their keys.
            config.server().keys().entrySet().stream().findFirst().ifPresent(key -> {
                client.setUsername(key.getValue());
                client.setPassword(key.getKey());
            });
        }
        return new Tryout(queue, connections.address(), !connections.amqp(), client, options, out);
    }
}
