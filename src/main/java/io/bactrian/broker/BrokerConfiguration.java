package io.bactrian.broker;

import io.bactrian.config.QueueSettings;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.TransportConfiguration;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.CoreAddressConfiguration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.remoting.impl.invm.InVMAcceptorFactory;
import org.apache.activemq.artemis.core.security.Role;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.utils.critical.CriticalAnalyzerPolicy;

/** The configuration of the embedded broker: its files, queues and topics. Stateless. */
final class BrokerConfiguration {
    /** The queue of requests that expired before they were taken. */
    static final String EXPIRED = "llm.expired";

    /** The queue of messages that the broker gave up, after deliveries that ended without a commit. */
    static final String UNDELIVERED = "llm.undelivered";

    /** Deliveries without a commit. The gateway puts a message aside much earlier; connections that break count here, too. */
    private static final int DELIVERIES = 50;

    /** Nanoseconds for which the journal collects writes before it flushes them; the default of 3.3 ms is most of the latency. */
    private static final int JOURNAL_BUFFER_NANOS = 300_000;

    private static final int LOCK_MILLIS = 2_000;

    /** The part of the heap, in percent, that messages may take; what is more waits in files. */
    private static final int HEAP_PERCENT = 25;

    private BrokerConfiguration() {}

    /**
     * The configuration of a broker that connections of this process alone reach.
     *
     * @param folder of its files
     * @param id its number in this process
     */
    static Configuration of(Path folder, int id, QueueSettings queues) {
        ConfigurationImpl configuration = new ConfigurationImpl();
        configuration
                .setName("bactrian")
                .setJMXManagementEnabled(false)
                // It would take connections that name no user for the gateway itself, whose own name none either.
                .setAuthenticationCacheSize(0)
                .setJournalType(JournalType.NIO)
                .setJournalBufferTimeout_NIO(JOURNAL_BUFFER_NANOS)
                .setJournalLockAcquisitionTimeout(LOCK_MILLIS)
                // A disk that is nearly full would block senders without a word; FreeSpace tells of it.
                .setMaxDiskUsage(-1)
                .setGlobalMaxSizePercentOfJvmMaxMemory(HEAP_PERCENT)
                .setCriticalAnalyzerPolicy(CriticalAnalyzerPolicy.LOG)
                .setJournalDirectory(folder.resolve("journal").toString())
                .setBindingsDirectory(folder.resolve("bindings").toString())
                .setLargeMessagesDirectory(folder.resolve("large").toString())
                .setPagingDirectory(folder.resolve("paging").toString())
                .addAcceptorConfiguration(new TransportConfiguration(
                        InVMAcceptorFactory.class.getName(), Map.of("serverId", Integer.toString(id)), "vm"));
        Set.of(queues.requests(), queues.replies(), queues.deadLetters(), EXPIRED, UNDELIVERED)
                .forEach(queue -> configuration.addAddressConfiguration(queue(queue)));
        for (String topic : new String[] {"llm.health", "llm.alerts"}) {
            configuration.addAddressConfiguration(
                    new CoreAddressConfiguration().setName(topic).addRoutingType(RoutingType.MULTICAST));
        }
        configuration.putSecurityRoles("#", Set.of(role()));
        configuration.addAddressSetting("#", settings());
        configuration.addAddressSetting(queues.requests(), settings().setExpiryAddress(SimpleString.of(EXPIRED)));
        configuration.addAddressSetting(
                EXPIRED, settings().setExpiryDelay(queues.keep().toMillis()));
        return configuration;
    }

    private static CoreAddressConfiguration queue(String name) {
        return new CoreAddressConfiguration()
                .setName(name)
                .addRoutingType(RoutingType.ANYCAST)
                .addQueueConfig(QueueConfiguration.of(name)
                        .setAddress(name)
                        .setRoutingType(RoutingType.ANYCAST)
                        .setDurable(true));
    }

    private static AddressSettings settings() {
        return new AddressSettings()
                .setDeadLetterAddress(SimpleString.of(UNDELIVERED))
                .setMaxDeliveryAttempts(DELIVERIES)
                .setRedeliveryDelay(1_000)
                .setRedeliveryMultiplier(2)
                .setMaxRedeliveryDelay(30_000);
    }

    private static Role role() {
        return new Role("callers", true, true, true, true, true, true, false, true, true, true, false, false);
    }
}
