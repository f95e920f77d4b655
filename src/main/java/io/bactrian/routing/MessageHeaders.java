package io.bactrian.routing;

import io.bactrian.api.ChatHeaders;
import io.bactrian.policy.Candidate;
import io.bactrian.policy.LastResortAnswer;
import io.bactrian.protocol.Ids;
import io.bactrian.protocol.Problem;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.request.RequestContext;
import io.bactrian.request.ResponseHeaders;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/** The headers and the body of messages to and from {@code direct:chat}, as other people's routes write and read them. */
public final class MessageHeaders {
    public static final String CHAIN = ChatHeaders.CHAIN;
    public static final String TIMEOUT = ChatHeaders.TIMEOUT;
    public static final String MAX_WAIT = ChatHeaders.MAX_WAIT;
    public static final String REQUEST_ID = ChatHeaders.REQUEST_ID;
    public static final String MIN_QUALITY = ChatHeaders.MIN_QUALITY;
    public static final String TARGET = ChatHeaders.TARGET;
    public static final String ATTEMPTS = ChatHeaders.ATTEMPTS;
    public static final String SKIPPED = ChatHeaders.SKIPPED;
    public static final String FALLBACKS = ChatHeaders.FALLBACKS;
    public static final String DEGRADED = ChatHeaders.DEGRADED;
    public static final String STATUS = ChatHeaders.STATUS;

    private static final List<String> OUTCOME = List.of(TARGET, ATTEMPTS, SKIPPED, FALLBACKS, DEGRADED, STATUS);

    private MessageHeaders() {}

    /** The id that the calling route has given, if it is one that fits into a line of the log; else a new one. */
    static String requestId(Message message) {
        return Ids.ofRequest(message.getHeader(REQUEST_ID, String.class));
    }

    /** Writes how a request ended, for the route that asked; what an earlier request left is removed. */
    static void describe(RequestContext context, Message message) {
        Map<String, Object> headers = cleared(message);
        Candidate by = context.answeredBy();
        if (by != null) {
            headers.put(TARGET, by.target().name());
            headers.put(DEGRADED, ResponseHeaders.degraded(context));
        }
        LastResortAnswer instead = context.lastResort();
        if (instead != null) {
            headers.put(TARGET, instead.step());
            headers.put(DEGRADED, ResponseHeaders.degraded(context));
        }
        headers.put(ATTEMPTS, context.trail().label());
        String skipped = ResponseHeaders.skipped(context);
        if (skipped != null) {
            headers.put(SKIPPED, skipped);
        }
        headers.put(FALLBACKS, ResponseHeaders.fallbacks(context));
        Problem problem = context.problem();
        headers.put(STATUS, problem == null ? 200 : problem.status());
        message.setBody(context.reply().body());
    }

    /** Writes why a request was not planned. */
    static void reject(RequestRejected rejected, Message message) {
        Problem problem = Problem.of(rejected);
        cleared(message).put(STATUS, problem.status());
        message.setBody(MessageBody.error(problem));
    }

    /** The error document that stands in place of an answer, in UTF-8. */
    public static byte[] error(Problem problem) {
        return MessageBody.error(problem);
    }

    /** How a request ended, as {@code direct:chat} has written it into a message: the names of the headers and their texts. */
    public static Map<String, String> outcome(Message message) {
        Map<String, String> outcome = new HashMap<>();
        for (String name : OUTCOME) {
            Object value = message.getHeader(name);
            if (value != null) {
                outcome.put(name, value.toString());
            }
        }
        return outcome;
    }

    /** Copies an answer or an error document from one message to another, with how the request ended. */
    public static void copy(Message from, Message to) {
        Map<String, Object> headers = cleared(to);
        OUTCOME.forEach(name -> {
            Object value = from.getHeader(name);
            if (value != null) {
                headers.put(name, value);
            }
        });
        to.setBody(from.getBody());
    }

    private static Map<String, Object> cleared(Message message) {
        Map<String, Object> headers = message.getHeaders();
        OUTCOME.forEach(headers::remove);
        headers.put(Exchange.CONTENT_TYPE, "application/json");
        return headers;
    }
}
