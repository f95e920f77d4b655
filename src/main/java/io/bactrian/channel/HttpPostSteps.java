package io.bactrian.channel;

import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.SSLException;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/**
 * The steps of the route that posts to webhooks: the address and the body come last before the call, and are gone right after
 * it. Stateless.
 */
public final class HttpPostSteps {
    /** The exchange property with the {@link HttpPost}. */
    static final String POST = "bactrianAlertPost";

    private static final int TOO_MANY = 429;
    private static final int REQUEST_TIMEOUT = 408;
    private static final int MULTIPLE_CHOICES = 300;
    private static final int CLIENT_ERROR = 400;
    private static final int SERVER_ERROR = 500;
    private static final int MAX_CAUSES = 10;

    private HttpPostSteps() {}

    /** Puts address, headers and body into the message. */
    public static void request(Exchange exchange) {
        HttpPost post = Objects.requireNonNull(exchange.getProperty(POST, HttpPost.class));
        Message message = exchange.getMessage();
        message.setHeader(Exchange.HTTP_URI, post.address().toString());
        message.setHeader(Exchange.CONTENT_TYPE, "application/json");
        post.headers().forEach(message::setHeader);
        message.setBody(post.body());
    }

    /**
     * Looks at the response.
     *
     * @throws NotDelivered if it is no success
     */
    public static void response(Exchange exchange) throws NotDelivered {
        Message message = exchange.getMessage();
        Integer status = message.getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
        Duration retryAfter = seconds(message.getHeader("Retry-After", String.class));
        message.getHeaders().clear();
        message.setBody(null);
        int code = status == null ? 0 : status;
        if (code >= MULTIPLE_CHOICES || code == 0) {
            boolean lasting =
                    code >= CLIENT_ERROR && code < SERVER_ERROR && code != TOO_MANY && code != REQUEST_TIMEOUT;
            throw new NotDelivered("status " + code, retryAfter, lasting);
        }
    }

    private static @Nullable Duration seconds(@Nullable String header) {
        return header != null && header.matches("\\d{1,6}") ? Duration.ofSeconds(Long.parseLong(header)) : null;
    }

    /** An exception as the failure of a channel, in words that quote nothing of the exception. */
    static NotDelivered explain(Throwable thrown) {
        Throwable cause = thrown;
        for (int i = 0; i < MAX_CAUSES && cause != null; i++) {
            if (cause instanceof NotDelivered known) {
                return known;
            }
            String words = words(cause);
            if (words != null) {
                return new NotDelivered(words, null, false);
            }
            cause = cause.getCause();
        }
        return new NotDelivered(thrown.getClass().getSimpleName(), null, false);
    }

    private static @Nullable String words(Throwable cause) {
        Map<Class<?>, String> known = Map.of(
                SocketTimeoutException.class, "no answer in time",
                UnknownHostException.class, "its host is unknown",
                ConnectException.class, "no connection",
                SSLException.class, "no TLS connection");
        return known.entrySet().stream()
                .filter(entry -> entry.getKey().isInstance(cause))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }
}
