package io.bactrian.routing;

import io.bactrian.chat.ChatRequest;
import io.bactrian.chat.Conversation;
import io.bactrian.config.Feature;
import io.bactrian.config.Limits;
import io.bactrian.fallback.Availability;
import io.bactrian.fallback.CallFailed;
import io.bactrian.fallback.Failure;
import io.bactrian.fallback.FailureClass;
import io.bactrian.fallback.Keys;
import io.bactrian.fallback.Keys.Key;
import io.bactrian.fallback.Plan;
import io.bactrian.fallback.Stop;
import io.bactrian.provider.Attempt;
import io.bactrian.provider.Classifier;
import io.bactrian.provider.Watchdog;
import io.bactrian.provider.Wire;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/** The first step of a call: says the request in the provider's protocol, takes a key, and sets the limits. Thread-safe. */
public final class Encode implements Processor {
    private final Wire wire;
    private final Keys keys;
    private final Availability availability;
    private final Classifier classifier;
    private final Watchdog watchdog;
    private final Clock clock;

    public Encode(
            Wire wire, Keys keys, Availability availability, Classifier classifier, Watchdog watchdog, Clock clock) {
        this.wire = wire;
        this.keys = keys;
        this.availability = availability;
        this.classifier = classifier;
        this.watchdog = watchdog;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) {
        Conversation conversation = Exchanges.conversation(exchange);
        Stop stop = conversation.stop();
        long now = clock.millis();
        if (conversation.hasLeft()) {
            throw new CallFailed(Failure.of(FailureClass.CANCELLED, "the caller left"));
        }
        boolean stream = streams(conversation.request(), conversation.reply().streams(), stop);
        Wire.Encoded encoded = wire.encode(conversation.request(), stop.target(), stream);
        Key key = keys.take(stop.target().provider(), now);
        if (key == null) {
            throw new CallFailed(Failure.of(FailureClass.CIRCUIT_OPEN, "every key rests"));
        }
        int others = conversation.plan().othersLeft(stop, s -> availability.of(s.target(), now) == null);
        Attempt attempt = new Attempt(conversation, stop, key, wire, classifier, stream, others == 0, watchdog, clock);
        conversation.call(key.number(), now);
        conversation.dropped(encoded.dropped());
        limit(attempt, conversation, others, now);

        Exchanges.set(exchange, attempt);
        // Answers does that: what camel-http throws would be nobody's failure.
        exchange.setProperty(Exchange.SKIP_GZIP_ENCODING, true);
        Message message = exchange.getMessage();
        Map<String, Object> headers = new HashMap<>(encoded.headers());
        headers.put(Exchange.CONTENT_TYPE, "application/json");
        headers.put("Accept", stream ? "text/event-stream" : "application/json");
        message.setHeaders(headers);
        message.setBody(encoded.body());
    }

    private static boolean streams(ChatRequest request, boolean callerStreams, Stop stop) {
        if (!stop.target().supports(Feature.STREAMING)) {
            return false;
        }
        return callerStreams
                || switch (stop.limits().upstreamStreaming()) {
                    case ON -> true;
                    case OFF -> false;
                    case AUTO -> request.streamable();
                };
    }

    private static void limit(Attempt attempt, Conversation conversation, int others, long now) {
        Limits limits = attempt.stop().limits();
        if (!attempt.streaming()) {
            attempt.expect(responseTimeout(limits, conversation.plan(), others, now), "answer");
        } else if (attempt.last()) {
            attempt.expect(null, "first token");
        } else {
            boolean thinks =
                    conversation.request().thinks() || attempt.stop().target().thinks();
            attempt.expect(thinks ? limits.firstTokenTimeoutThinking() : limits.firstTokenTimeout(), "first token");
        }
    }

    /** The others shall have their share of what is left of the deadline. */
    private static Duration responseTimeout(Limits limits, Plan plan, int others, long now) {
        Duration share = Duration.ofMillis(Math.max(1, (plan.deadlineAt() - now) / (others + 1)));
        return others == 0 || share.compareTo(limits.responseTimeout()) > 0 ? limits.responseTimeout() : share;
    }
}
