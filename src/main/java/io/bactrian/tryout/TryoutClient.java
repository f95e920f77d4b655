package io.bactrian.tryout;

import io.bactrian.config.QueueSettings;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The client of a tryout: one thread sends its requests, one takes the replies. Both connect again after a failure, and go on where
 * they were. Thread-safe.
 */
final class TryoutClient {
    private static final Duration RECONNECT = Duration.ofMillis(300);
    private static final Duration JOIN = Duration.ofSeconds(5);
    private static final long RECEIVE_MILLIS = 200;
    private static final int OK = 200;

    private final String name;
    private final ConnectionFactory factory;
    private final boolean deduplicates;
    private final QueueSettings settings;
    private final TryoutOptions options;
    private final TryoutTally tally;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread sender = Thread.ofPlatform().daemon().name("try-send").unstarted(() -> connected(this::send));
    private final Thread receiver =
            Thread.ofPlatform().daemon().name("try-receive").unstarted(() -> connected(this::receive));
    /** The number of the request that is sent next; belongs to the sender. */
    private int next = 1;

    private volatile @Nullable String problem;
    private volatile long movedAt = System.nanoTime();

    /** A use of a session, until the tryout ends or the connection breaks. */
    private interface Work {
        void run(Session session, AtomicBoolean broken) throws JMSException;
    }

    /**
     * @param name the name of the reply queue, with which the ids of all requests begin
     * @param deduplicates whether the broker knows by {@code _AMQ_DUPL_ID} that it has a message already
     */
    TryoutClient(
            String name,
            ConnectionFactory factory,
            boolean deduplicates,
            QueueSettings settings,
            TryoutOptions options,
            TryoutTally tally) {
        this.name = name;
        this.factory = factory;
        this.deduplicates = deduplicates;
        this.settings = settings;
        this.options = options;
        this.tally = tally;
    }

    void start() {
        receiver.start();
        sender.start();
    }

    /** Why there is no connection to the broker, for its name to follow; null if there is one. */
    @Nullable
    String problem() {
        return problem;
    }

    /** The time of the last request or reply, by {@link System#nanoTime}. */
    long movedAt() {
        return movedAt;
    }

    /** Ends both threads. */
    void end() throws InterruptedException {
        ended.countDown();
        LockSupport.unpark(sender);
        sender.join(JOIN);
        receiver.join(JOIN);
    }

    private boolean goesOn(AtomicBoolean broken) {
        return ended.getCount() > 0 && !broken.get();
    }

    private void connected(Work work) {
        while (ended.getCount() > 0) {
            AtomicBoolean broken = new AtomicBoolean();
            try (Connection connection = factory.createConnection()) {
                connection.setExceptionListener(e -> broken.set(true));
                connection.start();
                problem = null;
                work.run(connection.createSession(false, Session.AUTO_ACKNOWLEDGE), broken);
                if (!broken.get()) {
                    return;
                }
            } catch (JMSException e) {
                problem =
                        e instanceof JMSSecurityException ? "not let in by the broker at" : "waiting for the broker at";
                LockSupport.parkNanos(RECONNECT.toNanos());
            }
        }
    }

    private void send(Session session, AtomicBoolean broken) throws JMSException {
        Queue replies = session.createQueue(name);
        try (MessageProducer producer = session.createProducer(session.createQueue(settings.requests()))) {
            int first = next;
            long start = System.nanoTime();
            while (next <= options.count() && goesOn(broken)) {
                if (options.rate() > 0) {
                    long due = start + (long) ((next - first) * 1e9 / options.rate());
                    LockSupport.parkNanos(due - System.nanoTime());
                }
                send(session, producer, replies, name + "-" + next);
                next++;
            }
        }
    }

    private void send(Session session, MessageProducer producer, Queue replies, String id) throws JMSException {
        try {
            producer.send(request(session, replies, id));
        } catch (JMSException e) {
            // It is sent again; whether the broker has it already is not known.
            if (!deduplicates) {
                tally.perhapsSent(id);
            }
            throw e;
        }
        tally.sent();
        movedAt = System.nanoTime();
    }

    private Message request(Session session, Queue replies, String id) throws JMSException {
        TextMessage request = session.createTextMessage(
                "{\"messages\":[{\"role\":\"user\",\"content\":\"Say ok. (%s)\"}]}".formatted(id));
        request.setJMSCorrelationID(id);
        request.setJMSReplyTo(replies);
        request.setStringProperty("BactrianRequestId", id);
        request.setStringProperty("_AMQ_DUPL_ID", id);
        if (options.chain() != null) {
            request.setStringProperty("BactrianChain", options.chain());
        }
        return request;
    }

    private void receive(Session session, AtomicBoolean broken) throws JMSException {
        try (MessageConsumer consumer = session.createConsumer(session.createQueue(name))) {
            while (goesOn(broken)) {
                Message reply = consumer.receive(RECEIVE_MILLIS);
                if (reply != null) {
                    note(reply);
                    movedAt = System.nanoTime();
                }
            }
        }
    }

    private void note(Message reply) throws JMSException {
        String id = String.valueOf(reply.getJMSCorrelationID());
        if (id.startsWith(name)) {
            String status = reply.getStringProperty("BactrianStatus");
            @Nullable String target = reply.getStringProperty("BactrianTarget");
            tally.reply(id, reply.getJMSMessageID(), status == null ? OK : Integer.parseInt(status), target);
        }
    }

    /**
     * Takes those of its requests back that still wait in the queue: their replies would have no reader.
     *
     * @return how many; those that the gateway has put off are not among them
     */
    int withdraw() throws JMSException {
        int count = 0;
        try (Connection connection = factory.createConnection()) {
            connection.start();
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            String own = "BactrianRequestId LIKE '" + name + "-%'";
            try (MessageConsumer consumer = session.createConsumer(session.createQueue(settings.requests()), own)) {
                while (consumer.receive(RECEIVE_MILLIS) != null) {
                    count++;
                }
            }
        }
        return count;
    }
}
