package io.bactrian.provider.failure;

import static io.bactrian.policy.FailureClass.CANCELLED;
import static io.bactrian.policy.FailureClass.INVALID_RESPONSE;
import static io.bactrian.policy.FailureClass.NETWORK;
import static io.bactrian.policy.FailureClass.SERVER_ERROR;
import static io.bactrian.policy.FailureClass.TIMEOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import java.util.zip.ZipException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.MalformedChunkCodingException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.ProtocolException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class NetworkErrorsTest {

    private final List<Failure> unclassified = new ArrayList<>();
    private final Classifier classifier = new Classifier(Clock.systemUTC(), List.of(), unclassified::add);

    static Stream<Arguments> exceptions() {
        return Stream.of(
                arguments(new ConnectException("refused"), NETWORK, "connection_refused"),
                arguments(new UnknownHostException("nowhere.test"), NETWORK, "unknown_host"),
                arguments(new NoRouteToHostException(), NETWORK, "no_route"),
                arguments(new SSLHandshakeException("bad"), NETWORK, "tls"),
                arguments(new SSLException("bad record"), NETWORK, "tls"),
                arguments(new SSLException("reset", new SocketException("reset")), NETWORK, NetworkErrors.RESET),
                arguments(new SocketException("Connection reset"), NETWORK, NetworkErrors.RESET),
                arguments(new NoHttpResponseException("closed"), NETWORK, NetworkErrors.RESET),
                arguments(new IOException("other"), NETWORK, "io"),
                arguments(new MessageConstraintException("head"), INVALID_RESPONSE, "too_long"),
                arguments(new SocketTimeoutException("Read timed out"), TIMEOUT, "timeout"),
                arguments(new SSLException("slow", new SocketTimeoutException()), TIMEOUT, "timeout"),
                arguments(new TimeoutException(), TIMEOUT, "timeout"),
                arguments(new ConnectionRequestTimeoutException("pool"), TIMEOUT, "no_connection"),
                arguments(new InterruptedException(), CANCELLED, "cancelled"),
                arguments(new InterruptedIOException("aborted"), CANCELLED, "cancelled"),
                arguments(new ConnectionClosedException("premature end"), INVALID_RESPONSE, "cut"),
                arguments(new MalformedChunkCodingException("bad chunk"), INVALID_RESPONSE, "cut"),
                arguments(new ZipException("Not in GZIP format"), INVALID_RESPONSE, "not_gzip"),
                arguments(new EOFException(), INVALID_RESPONSE, "cut"),
                arguments(new ProtocolException("garbage"), INVALID_RESPONSE, "not_http"),
                arguments(new java.net.ProtocolException("garbage"), INVALID_RESPONSE, "not_http"));
    }

    @ParameterizedTest
    @MethodSource("exceptions")
    void an_exception_means_the_same_however_deep_it_lies(Exception thrown, FailureClass type, String code) {
        for (Throwable it : List.of(thrown, new IllegalStateException(new RuntimeException(thrown)))) {
            Failure failure = classifier.notThrough(it);

            assertThat(failure.type()).isEqualTo(type);
            assertThat(failure.code()).isEqualTo(code);
            assertThat(failure.status()).isZero();
            assertThat(failure.reason()).isNotBlank().doesNotContain("nowhere.test");
        }
        assertThat(unclassified).isEmpty();
    }

    @Test
    void an_exception_of_ours_is_counted() {
        Failure failure = classifier.notThrough(new IllegalStateException("sk-secret1234567890"));

        assertThat(failure.type()).isEqualTo(SERVER_ERROR);
        assertThat(failure.reason()).isEqualTo("IllegalStateException");
        assertThat(unclassified).containsExactly(failure);
    }

    @Test
    void a_circle_of_causes_ends() {
        Exception one = new IllegalStateException();
        Exception two = new IllegalStateException(one);
        one.initCause(two);

        assertThat(classifier.notThrough(one).type()).isEqualTo(SERVER_ERROR);
    }
}
