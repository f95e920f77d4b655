package io.bactrian.queue;

import io.bactrian.routing.MessageHeaders;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.TextMessage;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.component.jms.JmsConstants;

/** The steps of the route {@code queue}. Thread-safe. */
public final class QueueSteps {
    /** What becomes of the message: {@code reply} if one is sent. */
    public static final String OUTCOME = "BactrianQueueOutcome";

    private static final String REPLY = "reply";

    private final AnswerLedger ledger;
    private final Clock clock;

    public QueueSteps(AnswerLedger ledger, Clock clock) {
        this.ledger = ledger;
        this.clock = clock;
    }

    /** Reads the message: its body and headers become a request to {@code direct:chat}. */
    public void read(Exchange exchange) throws JMSException {
        QueueMessage taken = QueueMessage.take(exchange);
        Message message = taken.message();
        exchange.getMessage().setBody(body(message));
        Map<String, Object> headers = new HashMap<>();
        put(headers, MessageHeaders.CHAIN, message.getStringProperty(MessageHeaders.CHAIN));
        put(headers, MessageHeaders.MIN_QUALITY, message.getStringProperty(MessageHeaders.MIN_QUALITY));
        headers.put(MessageHeaders.REQUEST_ID, taken.id());
        headers.put(MessageHeaders.MAX_WAIT, "0s");
        if (taken.expiresAt() > 0) {
            headers.put(MessageHeaders.TIMEOUT, Math.max(1, taken.expiresAt() - clock.millis()));
        }
        exchange.getMessage().setHeaders(headers);
    }

    private static void put(Map<String, Object> headers, String name, Object value) {
        if (value != null) {
            headers.put(name, value);
        }
    }

    private static byte[] body(Message message) throws JMSException {
        if (message instanceof TextMessage text) {
            return text.getText().getBytes(StandardCharsets.UTF_8);
        }
        if (message instanceof BytesMessage bytes) {
            return bytes.getBody(byte[].class);
        }
        return new byte[0];
    }

    /** Stores the answer. */
    public void keep(Exchange exchange) {
        exchange.setProperty(OUTCOME, REPLY);
    }

    /** Decides what becomes of a message without an answer. */
    public void settle(Exchange exchange) {
        exchange.setProperty(OUTCOME, REPLY);
    }

    /** Addresses the reply. */
    public void address(Exchange exchange) {
        QueueMessage taken = QueueMessage.of(exchange);
        Map<String, Object> headers = new HashMap<>();
        exchange.getMessage().getHeaders().forEach((name, value) -> {
            if (name.startsWith("Bactrian")) {
                headers.put(name, value);
            }
        });
        headers.put("JMSCorrelationID", taken.correlationId());
        if (taken.replyTo() != null) {
            headers.put(JmsConstants.JMS_DESTINATION, taken.replyTo());
        }
        exchange.getMessage().setHeaders(headers);
    }
}
