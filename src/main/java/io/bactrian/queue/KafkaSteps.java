package io.bactrian.queue;

import io.bactrian.protocol.Problem;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.routing.ExchangeEnd;
import io.bactrian.routing.MessageHeaders;
import io.bactrian.routing.NoTargetAnswered;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of the route {@code kafka}. A record stays with its thread until it is settled: while no target can answer, the thread
 * waits and asks again, and nothing behind it in its partition is taken. Belongs to one generation. Thread-safe.
 */
public final class KafkaSteps {
    /** What becomes of the record: {@code reply}, or {@code dead} if it is a dead letter as well. */
    public static final String OUTCOME = "BactrianKafkaOutcome";

    private static final Logger LOG = LoggerFactory.getLogger(KafkaSteps.class);
    private static final String REPLY = "reply";
    private static final String DEAD = "dead";
    private static final String TOO_LARGE = "REPLY_TOO_LARGE";
    /** Starts at which the process died, after which a request is not asked again. */
    private static final int MAX_DEATHS = 3;
    /** The longest wait of a request for a target, and between two tries. */
    private static final long MAX_HOLD = 10_000;
    /** The time after which a record is given back to the broker between two tries, as its consumer has to poll now and then. */
    private static final long MAX_STAY = 240_000;
    /** The longest time that a record stays with its thread, beside the tries themselves, and some to spare. */
    public static final Duration LONGEST_STAY = Duration.ofMillis(MAX_STAY + 2 * MAX_HOLD + 40_000);

    private final AnswerLedger ledger;
    private final QueueFigures figures;
    private final Clock clock;
    private final QueuePolicy policy =
            new QueuePolicy(() -> ThreadLocalRandom.current().nextDouble());
    private final AtomicBoolean waits = new AtomicBoolean();
    private final AtomicBoolean failing = new AtomicBoolean();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private int inHand;
    private boolean closed;

    public KafkaSteps(AnswerLedger ledger, QueueFigures figures, Clock clock) {
        this.ledger = ledger;
        this.figures = figures;
        this.clock = clock;
    }

    /** Takes a record. One that was answered before gets that answer. */
    public void read(Exchange exchange) {
        KafkaDelivery delivery = KafkaDelivery.take(exchange, clock.millis());
        figures.taken(false);
        begun();
        ExchangeEnd.then(exchange, done -> end(delivery, done));
        StoredReply known = ledger.find(delivery.id(), delivery.bodyHash());
        if (known != null) {
            settled(exchange, delivery, known, QueueOutcome.REPLAYED, REPLY);
        } else if (ledger.started(delivery.id()) >= MAX_DEATHS) {
            deadLetter(
                    exchange, delivery, QueuePolicy.INTERNAL, NoAnswer.deadly().problem());
        }
    }

    /**
     * Puts the request together for {@code direct:chat}.
     *
     * @throws RequestRejected if a header cannot be read
     * @throws NoTargetAnswered if its time is over
     */
    public void ask(Exchange exchange) throws NoTargetAnswered {
        KafkaDelivery delivery = KafkaDelivery.of(exchange);
        Long left = delivery.left(clock.millis());
        if (left != null && left <= 0) {
            throw new NoTargetAnswered(NoAnswer.expired());
        }
        delivery.ask(exchange.getMessage(), MAX_HOLD + "ms", left);
    }

    /** Stores the answer. */
    public void keep(Exchange exchange) {
        KafkaDelivery delivery = KafkaDelivery.of(exchange);
        StoredReply reply = StoredReply.answer(exchange.getMessage());
        ledger.store(delivery.id(), delivery.bodyHash(), reply);
        if (waits.compareAndSet(true, false)) {
            LOG.info("Requests from Kafka are answered again");
        }
        settled(exchange, delivery, reply, QueueOutcome.ANSWERED, REPLY);
    }

    /**
     * Decides what becomes of a record without an answer; waits if it is to be asked again.
     *
     * @throws GivenBack if the wait has to go on at the broker
     */
    public void settle(Exchange exchange) throws GivenBack, InterruptedException {
        KafkaDelivery delivery = KafkaDelivery.of(exchange);
        Throwable thrown = exchange.getProperty(ExchangePropertyKey.EXCEPTION_CAUGHT, Throwable.class);
        NoAnswer why = NoAnswer.of(thrown);
        if (why.kind() == NoAnswer.Kind.FAULT) {
            delivery.faults++;
            LOG.error(
                    "{} failed by an error of the gateway, {} of {}",
                    delivery.id(),
                    delivery.faults,
                    QueuePolicy.MAX_FAULTS,
                    thrown);
        }
        Problem problem = why.problem();
        Long left = why.kind() == NoAnswer.Kind.REJECTED ? null : delivery.left(clock.millis());
        switch (policy.decide(why, delivery.tries++, delivery.faults, left)) {
            case Verdict.DeadLetter letter -> deadLetter(exchange, delivery, letter.type(), problem);
            case Verdict.Expired over ->
                settled(
                        exchange,
                        delivery,
                        StoredReply.error(exchange.getMessage(), NoAnswer.expired()),
                        QueueOutcome.EXPIRED,
                        REPLY);
            case Verdict.Later later -> hold(delivery, Math.min(later.inPause(), MAX_HOLD), problem);
        }
    }

    /** Addresses the reply: the key of the request, and what the caller knows it by. */
    public void address(Exchange exchange) {
        KafkaDelivery delivery = KafkaDelivery.of(exchange);
        StoredReply reply = delivery.reply;
        if (reply == null) {
            throw new IllegalStateException("No reply: bactrian-kafka-keep or bactrian-kafka-settle comes first.");
        }
        Map<String, Object> headers = new HashMap<>(reply.properties());
        headers.put(MessageHeaders.REQUEST_ID, delivery.id());
        headers.put(KafkaDelivery.CORRELATION_ID, delivery.correlationId());
        delivery.keyed(headers);
        exchange.getMessage().setHeaders(headers);
        exchange.getMessage().setBody(reply.body());
    }

    /** Makes a dead letter of a request whose reply is larger than the topic takes. */
    public void tooLarge(Exchange exchange) {
        KafkaDelivery delivery = KafkaDelivery.of(exchange);
        delivery.deadAs = TOO_LARGE;
        delivery.deadBecause = "The reply is larger than its topic takes.";
        figures.deadLetter(TOO_LARGE);
        delivery.outcome = QueueOutcome.DEAD_LETTER;
        exchange.setProperty(OUTCOME, DEAD);
        LOG.warn("{} is a dead letter: its reply is larger than the topic of the replies takes", delivery.id());
    }

    /** Makes the dead letter: the record as it came, and why. */
    public void bury(Exchange exchange) {
        KafkaDelivery delivery = KafkaDelivery.of(exchange);
        StoredReply reply = delivery.reply;
        delivery.original(exchange.getMessage());
        Map<String, Object> headers = exchange.getMessage().getHeaders();
        headers.put(MessageHeaders.REQUEST_ID, delivery.id());
        headers.putAll(
                DeadLetterProperties.of(delivery.deadAs, reply == null ? "" : reply.attempts(), delivery.deadBecause));
    }

    /** Commits the offset of the record. */
    public void commit(Exchange exchange) {
        KafkaDelivery.of(exchange).commit();
    }

    /** Ends the waits: records without an answer go back to the broker. */
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until no record is in hand.
     *
     * @param millis the longest wait
     */
    public void awaitIdle(long millis) throws InterruptedException {
        lock.lock();
        try {
            long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
            while (inHand > 0 && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
        } finally {
            lock.unlock();
        }
    }

    /** A record that goes back to the broker without an answer, and is delivered again at once. */
    static final class GivenBack extends Exception {
        private static final long serialVersionUID = 1L;

        GivenBack(String id) {
            super(id + " has no answer yet", null, false, false);
        }
    }

    private void hold(KafkaDelivery delivery, long millis, Problem problem) throws GivenBack, InterruptedException {
        if (waits.compareAndSet(false, true)) {
            LOG.warn("Requests from Kafka wait, nothing is lost: {}", problem.message());
        }
        lock.lock();
        try {
            long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
            while (nanos > 0 && !closed) {
                nanos = changed.awaitNanos(nanos);
            }
            if (closed || clock.millis() - delivery.takenAt > MAX_STAY) {
                throw new GivenBack(delivery.id());
            }
        } finally {
            lock.unlock();
        }
    }

    private void deadLetter(Exchange exchange, KafkaDelivery delivery, String type, Problem problem) {
        delivery.deadAs = type;
        delivery.deadBecause = problem.message();
        figures.deadLetter(type);
        settled(exchange, delivery, StoredReply.error(exchange.getMessage(), problem), QueueOutcome.DEAD_LETTER, DEAD);
        LOG.warn(
                "{} is a dead letter class={} attempts=\"{}\"",
                delivery.id(),
                type,
                exchange.getMessage().getHeader(MessageHeaders.ATTEMPTS, "", String.class));
    }

    private static void settled(
            Exchange exchange, KafkaDelivery delivery, StoredReply reply, QueueOutcome outcome, String what) {
        delivery.reply = reply;
        delivery.outcome = outcome;
        exchange.setProperty(OUTCOME, what);
    }

    private void begun() {
        lock.lock();
        try {
            inHand++;
        } finally {
            lock.unlock();
        }
    }

    /** Whatever has become of the record, the process has survived it. */
    private void end(KafkaDelivery delivery, Exchange done) {
        ledger.ended(delivery.id());
        QueueOutcome outcome = delivery.outcome;
        figures.ended(done.isFailed() || outcome == null ? QueueOutcome.LATER : outcome);
        Exception failure = done.getException();
        if (failure == null) {
            failing.set(false);
        } else if (!(failure instanceof GivenBack) && failing.compareAndSet(false, true)) {
            LOG.warn(
                    "{} is not done, Kafka will deliver it again: {}",
                    delivery.id(),
                    String.valueOf(failure.getMessage()));
        }
        lock.lock();
        try {
            inHand--;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
