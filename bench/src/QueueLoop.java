import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.nio.file.Path;
import java.util.Map;
import org.apache.activemq.artemis.api.core.TransportConfiguration;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.remoting.impl.invm.InVMAcceptorFactory;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;

/**
 * What the broker and the disk can do without a gateway: arguments {@code port folder consumers}. A broker with the settings of
 * the gateway's, and consumers in the same process that answer each request with a fixed text, in the transaction that took it.
 */
public final class QueueLoop {
    private static final String ANSWER = "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":1767225600,"
            + "\"model\":\"bench-model\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\""
            + "x".repeat(170)
            + "\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":74,"
            + "\"completion_tokens\":38,\"total_tokens\":112,\"prompt_tokens_details\":{\"cached_tokens\":0},"
            + "\"completion_tokens_details\":{\"reasoning_tokens\":0}},\"system_fingerprint\":\"fp_bench\"}";

    private QueueLoop() {}

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[1]);
        Configuration configuration = new ConfigurationImpl()
                .setSecurityEnabled(false)
                .setJMXManagementEnabled(false)
                .setJournalType(JournalType.NIO)
                .setJournalBufferTimeout_NIO(300_000)
                .setMaxDiskUsage(-1)
                .setJournalDirectory(folder.resolve("journal").toString())
                .setBindingsDirectory(folder.resolve("bindings").toString())
                .setLargeMessagesDirectory(folder.resolve("large").toString())
                .setPagingDirectory(folder.resolve("paging").toString())
                .addAcceptorConfiguration(
                        new TransportConfiguration(InVMAcceptorFactory.class.getName(), Map.of("serverId", "1"), "vm"))
                .addAcceptorConfiguration("tcp", "tcp://127.0.0.1:" + args[0]);
        EmbeddedActiveMQ server = new EmbeddedActiveMQ();
        server.setConfiguration(configuration);
        server.start();
        ActiveMQConnectionFactory factory =
                new ActiveMQConnectionFactory("vm://1?consumerWindowSize=0&cacheDestinations=true");
        Connection connection = factory.createConnection();
        connection.start();
        for (int i = 0; i < Integer.parseInt(args[2]); i++) {
            Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
            Thread.ofPlatform().start(() -> answer(session));
        }
        Thread.currentThread().join();
    }

    private static void answer(Session session) {
        try {
            MessageConsumer consumer = session.createConsumer(session.createQueue(QueueLoad.REQUESTS));
            MessageProducer producer = session.createProducer(null);
            while (true) {
                Message request = consumer.receive();
                TextMessage reply = session.createTextMessage(ANSWER);
                reply.setJMSCorrelationID(request.getJMSCorrelationID());
                reply.setStringProperty("BactrianStatus", "200");
                producer.send(request.getJMSReplyTo(), reply);
                session.commit();
            }
        } catch (JMSException e) {
            e.printStackTrace();
        }
    }
}
