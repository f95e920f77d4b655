package io.bactrian.broker;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.TransportConfiguration;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.remoting.impl.invm.InVMAcceptorFactory;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An Artemis broker in this process, with a journal on disk. A broker that cannot start costs only the queue: the gateway serves
 * without it. Thread-safe.
 */
public final class EmbeddedBroker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBroker.class);
    /** The number of the broker among those of this process, by which connections find it. */
    private static final AtomicInteger COUNT = new AtomicInteger();

    /** Nanoseconds for which the journal collects writes before it flushes them; the default of 3.3 ms is most of the latency. */
    private static final int JOURNAL_BUFFER_NANOS = 300_000;

    private static final int LOCK_MILLIS = 2_000;

    private final int id = COUNT.incrementAndGet();
    private final EmbeddedActiveMQ server = new EmbeddedActiveMQ();
    private final Thread starter;

    /**
     * @param journal the folder of the journal
     * @param port the port on this machine where other programs reach it; 0 = none
     */
    EmbeddedBroker(Path journal, int port) {
        server.setConfiguration(configuration(journal, port));
        starter = Thread.ofPlatform().daemon().name("broker-start").unstarted(this::run);
    }

    private Configuration configuration(Path journal, int port) {
        try {
            Configuration configuration = new ConfigurationImpl()
                    .setName("bactrian")
                    .setSecurityEnabled(false)
                    .setJMXManagementEnabled(false)
                    .setJournalType(JournalType.NIO)
                    .setJournalBufferTimeout_NIO(JOURNAL_BUFFER_NANOS)
                    .setJournalLockAcquisitionTimeout(LOCK_MILLIS)
                    .setMaxDiskUsage(-1)
                    .setJournalDirectory(journal.resolve("journal").toString())
                    .setBindingsDirectory(journal.resolve("bindings").toString())
                    .setLargeMessagesDirectory(journal.resolve("large").toString())
                    .setPagingDirectory(journal.resolve("paging").toString())
                    .addAcceptorConfiguration(new TransportConfiguration(
                            InVMAcceptorFactory.class.getName(), Map.of("serverId", Integer.toString(id)), "vm"));
            configuration.addAddressSetting(
                    "#",
                    new AddressSettings()
                            .setDeadLetterAddress(SimpleString.of("llm.undelivered"))
                            .setExpiryAddress(SimpleString.of("llm.expired")));
            if (port > 0) {
                configuration.addAcceptorConfiguration("tcp", "tcp://127.0.0.1:" + port);
            }
            return configuration;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Starts it on a thread of its own, once. */
    synchronized void start() {
        if (starter.getState() == Thread.State.NEW) {
            starter.start();
        }
    }

    private void run() {
        try {
            server.start();
            // It does not throw if its port or its journal is taken.
            if (!isActive()) {
                LOG.warn("There is no queue: the broker could not start");
            }
        } catch (Exception e) {
            LOG.warn("There is no queue: the broker could not start: {}", e.toString());
        }
    }

    /** The URL at which connections of this process reach it. */
    String url() {
        return "vm://" + id;
    }

    /** Whether it takes and gives messages. */
    public boolean isActive() {
        return server.getActiveMQServer() != null && server.getActiveMQServer().isActive();
    }

    @Override
    public void close() {
        try {
            starter.join();
            server.stop();
        } catch (Exception e) {
            LOG.warn("The broker could not stop: {}", e.toString());
        }
    }
}
