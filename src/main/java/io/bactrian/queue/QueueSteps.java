package io.bactrian.queue;

import io.bactrian.config.QueueSettings;
import io.bactrian.protocol.Problem;
import io.bactrian.routing.MessageHeaders;
import io.bactrian.routing.NoTargetAnswered;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.component.jms.JmsConstants;
import org.apache.camel.component.jms.JmsMessage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jms.JmsException;

/** The steps of the route {@code queue}. Thread-safe. */
public final class QueueSteps {
    /** What becomes of the message: {@code reply} if one is sent, else {@code none}. */
    public static final String OUTCOME = "BactrianQueueOutcome";

    private static final Logger LOG = LoggerFactory.getLogger(QueueSteps.class);
    private static final String REPLY = "reply";
    private static final String NO_REPLY = "none";
    /** Starts at which the process died, after which a request is not asked again. */
    private static final int MAX_DEATHS = 5;
    /** The longest wait for the answer of an earlier delivery, in milliseconds. */
    private static final long LONGEST_CALL = 3_600_000;
    /** The longest deadline of one call, in milliseconds; a message may expire much later, or in a thousand years. */
    private static final long MAX_TIMEOUT = 86_400_000;
    /** The longest time for which a message is kept in hand where the broker cannot delay it, in milliseconds. */
    private static final long MAX_HOLD = 10_000;

    private final QueueSettings settings;
    private final long maxBody;
    private final AnswerLedger ledger;
    private final QueueState state;
    private final BooleanSupplier delays;
    private final Clock clock;
    private final QueuePolicy policy =
            new QueuePolicy(() -> ThreadLocalRandom.current().nextDouble());
    private @Nullable QueuePause pause;

    /**
     * @param maxBody the largest body of a request, in bytes
     * @param delays whether the broker can deliver a message later
     */
    public QueueSteps(
            QueueSettings settings,
            long maxBody,
            AnswerLedger ledger,
            QueueState state,
            BooleanSupplier delays,
            Clock clock) {
        this.settings = settings;
        this.maxBody = maxBody;
        this.ledger = ledger;
        this.state = state;
        this.delays = delays;
        this.clock = clock;
    }

    /** Lets a pause be told of requests that no target could answer. */
    void pauseBy(QueuePause policyOfRoute) {
        pause = policyOfRoute;
    }

    /**
     * Reads the message: its body and properties become a request to {@code direct:chat}. One that was answered before gets that
     * answer.
     *
     * @throws io.bactrian.protocol.RequestRejected if it cannot be read
     * @throws NoTargetAnswered if its time is over already
     */
    public void read(Exchange exchange) throws JMSException, NoTargetAnswered, InterruptedException {
        QueueMessage taken = QueueMessage.take(exchange.getMessage(JmsMessage.class));
        Delivery delivery = new Delivery(taken);
        delivery.keepOn(exchange);
        state.figures().taken(taken.delivered() > 1);
        exchange.getMessage().setHeaders(headers(taken));
        byte[] body = taken.body(maxBody);
        delivery.body(body);
        exchange.getMessage().setBody(body);
        inTime(taken);
        StoredReply known = known(delivery);
        if (known != null) {
            delivery.reply = known;
            delivery.outcome = QueueOutcome.REPLAYED;
            exchange.setProperty(OUTCOME, REPLY);
            return;
        }
        delivery.started = true;
        if (ledger.started(taken.id()) >= MAX_DEATHS) {
            throw new DeadlyRequest();
        }
    }

    /** A request at which the process has died several times. */
    private static final class DeadlyRequest extends RuntimeException {
        private static final long serialVersionUID = 1L;

        DeadlyRequest() {
            super(null, null, false, false);
        }
    }

    private Map<String, Object> headers(QueueMessage taken) throws JMSException {
        Message message = taken.message();
        Map<String, Object> headers = new HashMap<>();
        for (String name : QueueMessage.PASSED_ON) {
            String value = QueueMessage.text(message, name);
            if (value != null) {
                headers.put(name, value);
            }
        }
        headers.put(MessageHeaders.REQUEST_ID, taken.id());
        // A request without a target waits at the broker, and not here.
        headers.put(MessageHeaders.MAX_WAIT, "0s");
        Long left = taken.left(clock.millis());
        if (left != null) {
            headers.put(MessageHeaders.TIMEOUT, Math.clamp(left, 1, MAX_TIMEOUT));
        }
        return headers;
    }

    private void inTime(QueueMessage taken) throws NoTargetAnswered {
        Long left = taken.left(clock.millis());
        if (left != null && left <= 0) {
            throw new NoTargetAnswered(NoAnswer.expired());
        }
    }

    /** The answer of an earlier delivery, for which it waits if that is in progress; null if there is none. */
    private @Nullable StoredReply known(Delivery delivery) throws NoTargetAnswered, InterruptedException {
        QueueMessage taken = delivery.message();
        InFlightRequests.Entry mine = InFlightRequests.entry(taken.id(), delivery.bodyHash());
        while (true) {
            InFlightRequests.Entry entered = state.inFlight().enter(mine);
            if (entered == mine) {
                delivery.entry = mine;
                StoredReply stored = ledger.find(taken.id(), delivery.bodyHash());
                if (stored != null) {
                    mine.answered(stored);
                }
                return stored;
            }
            Long left = taken.left(clock.millis());
            StoredReply first = entered.await(left == null ? LONGEST_CALL : left);
            if (first != null) {
                return first;
            }
            inTime(taken);
        }
    }

    /** Stores the answer. */
    public void keep(Exchange exchange) {
        Delivery delivery = Delivery.of(exchange);
        QueueMessage taken = delivery.message();
        StoredReply reply = StoredReply.answer(exchange.getMessage());
        InFlightRequests.Entry entry = delivery.entry;
        if (entry != null) {
            entry.answered(reply);
        }
        ledger.store(taken.id(), delivery.bodyHash(), reply);
        delivery.reply = reply;
        delivery.outcome = QueueOutcome.ANSWERED;
        exchange.setProperty(OUTCOME, REPLY);
    }

    /**
     * Decides what becomes of a message without an answer.
     *
     * @throws Exception if the broker has failed and not the request: it delivers the message again
     */
    public void settle(Exchange exchange) throws Exception {
        Throwable thrown = exchange.getProperty(ExchangePropertyKey.EXCEPTION_CAUGHT, Throwable.class);
        if (isOfBroker(thrown) && thrown instanceof Exception lost) {
            throw lost;
        }
        Delivery delivery = Delivery.of(exchange);
        QueueMessage taken = delivery.message();
        boolean deadly = thrown instanceof DeadlyRequest;
        NoAnswer why = deadly ? NoAnswer.deadly() : NoAnswer.of(thrown);
        int faults = deadly ? QueuePolicy.MAX_FAULTS : taken.faults();
        if (why.kind() == NoAnswer.Kind.FAULT && !deadly) {
            faults++;
            LOG.error("{} failed by an error of the gateway itself", taken.id(), thrown);
        }
        exchange.setProperty(OUTCOME, NO_REPLY);
        switch (policy.decide(why, taken.tries(), faults, taken.left(clock.millis()))) {
            case Verdict.DeadLetter letter -> bury(exchange, delivery, letter.type(), why.problem());
            case Verdict.Later later -> putBack(delivery, later, faults);
            case Verdict.Expired expired -> {
                delivery.outcome = QueueOutcome.EXPIRED;
                LOG.info("{} expired before there was an answer", taken.id());
                refuse(
                        exchange,
                        delivery,
                        why.problem().status() == NoAnswer.EXPIRED ? why.problem() : NoAnswer.expired());
            }
        }
    }

    /**
     * A lost connection takes the message with it: the broker delivers it again, and that is no failure of the request. A message
     * that cannot be read is: it would come again and again.
     */
    private static boolean isOfBroker(@Nullable Throwable thrown) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof MessageFormatException || t instanceof MessageEOFException) {
                return false;
            }
            if (t instanceof JMSException || t instanceof JmsException) {
                return true;
            }
        }
        return false;
    }

    /** Makes it a dead letter; the caller gets the error if it has named an address. */
    private void bury(Exchange exchange, Delivery delivery, String type, Problem problem) throws JMSException {
        String attempts = exchange.getMessage().getHeader(MessageHeaders.ATTEMPTS, "", String.class);
        bury(delivery, type, attempts, problem.message());
        refuse(exchange, delivery, problem);
    }

    private void bury(Delivery delivery, String type, String attempts, String reason) throws JMSException {
        MessageCopy.of(delivery.message())
                .with(DeadLetterProperties.of(type, attempts, reason))
                .send(settings.deadLetters(), 0, 0);
        delivery.outcome = QueueOutcome.DEAD_LETTER;
        state.figures().deadLetter(type);
        LOG.warn(
                "{} is a dead letter class={} attempts=\"{}\"",
                delivery.message().id(),
                type,
                attempts);
    }

    private void putBack(Delivery delivery, Verdict.Later later, int faults) throws JMSException, InterruptedException {
        QueueMessage taken = delivery.message();
        long delay = pause != null && !pause.goesOn() ? later.inPause() : later.delay();
        if (!delays.getAsBoolean() && pause != null) {
            pause.hold(Math.min(delay, MAX_HOLD));
            delay = 0;
        }
        Long left = taken.left(clock.millis());
        MessageCopy.of(taken)
                .with(MessageHeaders.REQUEST_ID, taken.id())
                .with(QueueMessage.TRIES, taken.tries() + 1)
                .with(QueueMessage.FAULTS, faults == 0 ? null : (Integer) faults)
                .send(settings.requests(), delay, left == null ? 0 : Math.max(1, left));
        delivery.outcome = QueueOutcome.LATER;
    }

    /** Makes an error the reply, if the message names an address for it. */
    private static void refuse(Exchange exchange, Delivery delivery, Problem problem) {
        if (delivery.message().replyTo() != null) {
            delivery.reply = StoredReply.error(exchange.getMessage(), problem);
            exchange.setProperty(OUTCOME, REPLY);
        }
    }

    /** Addresses the reply. */
    public void address(Exchange exchange) {
        Delivery delivery = Delivery.of(exchange);
        StoredReply reply = Objects.requireNonNull(delivery.reply, "there is no reply");
        QueueMessage taken = delivery.message();
        Map<String, Object> headers = new HashMap<>(reply.properties());
        headers.put(MessageHeaders.REQUEST_ID, taken.id());
        headers.put("JMSCorrelationID", taken.correlationId());
        if (taken.replyTo() != null) {
            headers.put(JmsConstants.JMS_DESTINATION, taken.replyTo());
        }
        exchange.getMessage().setBody(new String(reply.body(), StandardCharsets.UTF_8));
        exchange.getMessage().setHeaders(headers);
    }

    /** Makes a request whose reply has no address any more a dead letter. */
    public void returned(Exchange exchange) throws JMSException {
        Delivery delivery = Delivery.of(exchange);
        StoredReply reply = delivery.reply;
        String attempts = reply == null ? "" : reply.attempts();
        if (delivery.outcome == QueueOutcome.ANSWERED || delivery.outcome == QueueOutcome.REPLAYED) {
            bury(
                    delivery,
                    QueuePolicy.NO_ADDRESS,
                    attempts,
                    "The address of the reply is gone, or may not be written to.");
        }
    }

    /**
     * Ends the delivery that an exchange began with; its transaction is committed after this.
     *
     * @return what became of it; null if it goes back to the broker as it is
     */
    @Nullable
    QueueOutcome done(Exchange exchange) {
        Delivery delivery = Delivery.end(exchange);
        if (delivery == null) {
            return null;
        }
        String id = delivery.message().id();
        InFlightRequests.Entry entry = delivery.entry;
        if (entry != null) {
            state.inFlight().end(entry);
        }
        if (delivery.started) {
            ledger.ended(id);
        }
        QueueOutcome outcome = exchange.isFailed() ? null : delivery.outcome;
        if (outcome == null) {
            state.figures().lost();
        } else {
            state.figures().ended(outcome);
        }
        return outcome;
    }
}
