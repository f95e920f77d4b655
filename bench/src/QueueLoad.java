import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueRequestor;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.management.ResourceNames;
import org.apache.activemq.artemis.api.jms.management.JMSManagementHelper;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.activemq.artemis.jms.client.ActiveMQSession;

/**
 * Durable requests on a queue, and their replies: arguments {@code port live clients seconds}, or {@code port drain messages}.
 * Each live client has a connection and a queue for replies of its own, and sends the next request when it has the reply. To
 * drain, the queue is held until all the messages are in it. Prints one line of JSON.
 */
public final class QueueLoad {
    static final String REQUESTS = "llm.requests";

    private static final String REPLIES = "bench.replies";
    private static final String REQUEST = "{\"model\":\"default\",\"max_tokens\":200,\"temperature\":0.2,\"messages\":["
            + "{\"role\":\"system\",\"content\":\"You answer questions about parcels, in two short sentences.\"},"
            + "{\"role\":\"user\",\"content\":\"My parcel 4711 should have come on Monday. Where is it now, and can it be sent"
            + " to my office instead? I am there until six, and my colleague at the desk can take it.\"}]}";
    private static final int BATCH = 200;

    private final ActiveMQConnectionFactory factory;

    private QueueLoad(String port) {
        factory = new ActiveMQConnectionFactory("tcp://127.0.0.1:" + port + "?cacheDestinations=true");
    }

    public static void main(String[] args) throws Exception {
        QueueLoad load = new QueueLoad(args[0]);
        System.out.println(
                args[1].equals("live")
                        ? load.live(Integer.parseInt(args[2]), Integer.parseInt(args[3]))
                        : load.drain(Integer.parseInt(args[2])));
        System.exit(0);
    }

    private String live(int clients, int seconds) throws InterruptedException {
        AtomicInteger failed = new AtomicInteger();
        List<long[]> times = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        long begun = System.nanoTime();
        for (int i = 0; i < clients; i++) {
            int client = i;
            threads.add(Thread.ofPlatform().start(() -> {
                long[] own = ask(client, begun + seconds * 1_000_000_000L, failed);
                synchronized (times) {
                    times.add(own);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        double took = (System.nanoTime() - begun) / 1e9;
        long[] all = times.stream().flatMapToLong(Arrays::stream).sorted().toArray();
        return json(all.length, failed.get(), all.length / took, all);
    }

    /** The times of one client's requests, in nanoseconds. */
    private long[] ask(int client, long end, AtomicInteger failed) {
        long[] times = new long[1024];
        int count = 0;
        try (Connection connection = factory.createConnection()) {
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            Queue replies = session.createQueue(REPLIES + "." + client);
            MessageProducer producer = session.createProducer(session.createQueue(REQUESTS));
            MessageConsumer consumer = session.createConsumer(replies);
            connection.start();
            while (System.nanoTime() < end) {
                long sent = System.nanoTime();
                Message request = request(session, replies, "c" + client + "-" + sent);
                producer.send(request);
                Message reply = consumer.receive(30_000);
                if (reply == null
                        || !"200".equals(reply.getStringProperty("BactrianStatus"))
                        || !request.getJMSCorrelationID().equals(reply.getJMSCorrelationID())) {
                    failed.incrementAndGet();
                    continue;
                }
                if (count == times.length) {
                    times = Arrays.copyOf(times, 2 * count);
                }
                times[count++] = System.nanoTime() - sent;
            }
        } catch (JMSException e) {
            e.printStackTrace();
            failed.incrementAndGet();
        }
        return Arrays.copyOf(times, count);
    }

    private static Message request(Session session, Queue replies, String id) throws JMSException {
        TextMessage message = session.createTextMessage(REQUEST);
        message.setJMSReplyTo(replies);
        message.setJMSCorrelationID(id);
        message.setStringProperty("BactrianRequestId", id);
        return message;
    }

    /** Replies a second, from the first tenth of them to the last; they stay on their queue until all are there. */
    private String drain(int messages) throws Exception {
        try (Connection connection = factory.createConnection()) {
            connection.start();
            manage(connection, REQUESTS, "pause");
            Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
            Queue replies = session.createQueue(REPLIES);
            // The queue exists from here on.
            session.createConsumer(replies).close();
            MessageProducer producer = session.createProducer(session.createQueue(REQUESTS));
            producer.setDeliveryMode(DeliveryMode.PERSISTENT);
            long run = System.nanoTime();
            for (int i = 0; i < messages; i++) {
                producer.send(request(session, replies, "d" + run + "-" + i));
                if (i % BATCH == BATCH - 1) {
                    session.commit();
                }
            }
            session.commit();
            manage(connection, REQUESTS, "resume");
            ClientSession core = ((ActiveMQSession) session).getCoreSession();
            long first = depthReached(core, messages / 10);
            long begun = System.nanoTime();
            long last = depthReached(core, messages);
            double rate = (last - first) / ((System.nanoTime() - begun) / 1e9);
            manage(connection, REPLIES, "removeAllMessages");
            return json(messages, 0, rate, new long[0]);
        }
    }

    private static long depthReached(ClientSession session, long depth) throws Exception {
        while (true) {
            long now = session.queueQuery(SimpleString.of(REPLIES)).getMessageCount();
            if (now >= depth) {
                return now;
            }
            Thread.sleep(2);
        }
    }

    private static void manage(Connection connection, String queue, String operation) throws Exception {
        QueueSession session = (QueueSession) connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        QueueRequestor requestor = new QueueRequestor(session, session.createQueue("activemq.management"));
        Message message = session.createMessage();
        JMSManagementHelper.putOperationInvocation(message, ResourceNames.QUEUE + queue, operation);
        Message reply = requestor.request(message);
        if (!JMSManagementHelper.hasOperationSucceeded(reply)) {
            throw new IllegalStateException(operation + " " + queue + ": " + JMSManagementHelper.getResult(reply));
        }
        requestor.close();
    }

    private static String json(int requests, int failed, double perSecond, long[] sorted) {
        StringBuilder json = new StringBuilder(String.format(
                Locale.ROOT, "{\"requests\":%d,\"failed\":%d,\"per_second\":%.1f", requests, failed, perSecond));
        Quantiles.append(json, "reply", sorted);
        return json.append('}').toString();
    }
}
