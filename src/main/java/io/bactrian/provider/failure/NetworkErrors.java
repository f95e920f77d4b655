package io.bactrian.provider.failure;

import static io.bactrian.policy.FailureClass.CANCELLED;
import static io.bactrian.policy.FailureClass.INVALID_RESPONSE;
import static io.bactrian.policy.FailureClass.NETWORK;
import static io.bactrian.policy.FailureClass.TIMEOUT;

import com.fasterxml.jackson.core.JacksonException;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.stream.SseReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.zip.ZipException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.MalformedChunkCodingException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.ProtocolException;
import org.jspecify.annotations.Nullable;

/**
 * The classification of exceptions. Its rows are tried in order, each on the whole chain of causes, so that a specific
 * exception is found inside a general one. Stateless.
 */
final class NetworkErrors {

    /** The {@link Failure#code()} of a NETWORK failure: the connection broke, which need not happen again. */
    static final String RESET = Failure.RESET;

    private static final int MAX_CAUSES = 32;

    private static final List<Row> TABLE = List.of(
            new Row(InterruptedException.class, CANCELLED, "cancelled", "cancelled"),
            new Row(ClosedByInterruptException.class, CANCELLED, "cancelled", "cancelled"),
            new Row(CancellationException.class, CANCELLED, "cancelled", "cancelled"),
            new Row(SocketTimeoutException.class, TIMEOUT, "timeout", "no answer in time"),
            new Row(
                    ConnectionRequestTimeoutException.class,
                    TIMEOUT,
                    "no_connection",
                    "no connection was free in time"),
            new Row(TimeoutException.class, TIMEOUT, "timeout", "no answer in time"),
            new Row(InterruptedIOException.class, CANCELLED, "cancelled", "cancelled"),
            new Row(SSLHandshakeException.class, NETWORK, "tls", "TLS handshake failed"),
            new Row(SSLPeerUnverifiedException.class, NETWORK, "tls", "TLS certificate is for another host"),
            new Row(UnknownHostException.class, NETWORK, "unknown_host", "unknown host"),
            new Row(UnresolvedAddressException.class, NETWORK, "unknown_host", "unknown host"),
            new Row(NoRouteToHostException.class, NETWORK, "no_route", "no route to host"),
            new Row(PortUnreachableException.class, NETWORK, "connection_refused", "connection refused"),
            new Row(ConnectException.class, NETWORK, "connection_refused", "connection refused"),
            new Row(NoHttpResponseException.class, NETWORK, RESET, "connection closed without an answer"),
            new Row(SocketException.class, NETWORK, RESET, "connection reset"),
            new Row(ClosedChannelException.class, NETWORK, RESET, "connection closed"),
            new Row(MalformedChunkCodingException.class, INVALID_RESPONSE, "cut", "answer broke off"),
            new Row(ConnectionClosedException.class, INVALID_RESPONSE, "cut", "answer broke off"),
            new Row(EOFException.class, INVALID_RESPONSE, "cut", "answer broke off"),
            new Row(SseReader.TooLong.class, INVALID_RESPONSE, Failure.TOO_LONG, "an event of the answer is too long"),
            new Row(
                    MessageConstraintException.class,
                    INVALID_RESPONSE,
                    Failure.TOO_LONG,
                    "the answer's head is too long"),
            new Row(ZipException.class, INVALID_RESPONSE, "not_gzip", "answer cannot be decompressed"),
            new Row(ProtocolException.class, INVALID_RESPONSE, "not_http", "answer is not HTTP"),
            new Row(java.net.ProtocolException.class, INVALID_RESPONSE, "not_http", "answer is not HTTP"),
            new Row(HttpException.class, INVALID_RESPONSE, "not_http", "answer is not HTTP"),
            new Row(JacksonException.class, INVALID_RESPONSE, "not_json", "answer is not JSON"),
            new Row(CharacterCodingException.class, INVALID_RESPONSE, "not_text", "answer is not UTF-8"),
            new Row(SSLException.class, NETWORK, "tls", "TLS failed"),
            new Row(IOException.class, NETWORK, "io", "connection failed"));

    private NetworkErrors() {}

    /** The failure; null if {@code thrown} concerns neither the connection nor the answer. */
    static @Nullable Failure failure(Throwable thrown) {
        List<Throwable> chain = chain(thrown);
        Failure own = OwnLack.of(chain);
        if (own != null) {
            return own;
        }
        for (Row row : TABLE) {
            if (chain.stream().anyMatch(row.kind()::isInstance)) {
                return new Failure(row.type(), 0, null, null, row.code(), null, null, row.reason());
            }
        }
        return null;
    }

    /** An exception and its causes, of which there may be endlessly many. */
    static List<Throwable> chain(Throwable thrown) {
        List<Throwable> chain = new ArrayList<>();
        for (Throwable next = thrown; next != null && chain.size() < MAX_CAUSES; next = next.getCause()) {
            chain.add(next);
        }
        return chain;
    }

    private record Row(Class<? extends Throwable> kind, FailureClass type, String code, String reason) {}
}
