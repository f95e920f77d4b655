package io.bactrian.provider.failure;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.policy.Failure;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.Clock;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OwnLackTest {
    static Stream<Throwable> lacks() {
        return Stream.of(
                new SocketException("Too many open files"),
                new ConnectException("Too many open files"),
                new IOException("cannot open", new IOException("/etc/hosts: Too many open files in system")),
                new SocketException("Cannot allocate memory"),
                new SocketException("No buffer space available (maximum connections reached?)"),
                new IllegalStateException(new OutOfMemoryError("Java heap space")),
                new OutOfMemoryError("unable to create native thread: possibly out of memory"));
    }

    @ParameterizedTest
    @MethodSource("lacks")
    void a_lack_of_the_gateway_is_its_own_and_counts_for_no_target(Throwable thrown) {
        Failure failure = OwnLack.of(thrown);

        assertThat(failure).isNotNull();
        assertThat(failure.isOwn()).isTrue();
        assertThat(failure.counts()).isFalse();
        assertThat(new Classifier(Clock.systemUTC()).notThrough(thrown)).isEqualTo(failure);
    }

    static Stream<Throwable> others() {
        return Stream.of(
                new ConnectException("Connection refused"),
                new SocketException("Connection reset"),
                new UnknownHostException("no-such.example"),
                new IOException("Stream closed"),
                new IOException((String) null),
                new IllegalStateException("Too many open files, says the provider"));
    }

    @ParameterizedTest
    @MethodSource("others")
    void what_a_provider_or_the_network_did_is_not(Throwable thrown) {
        assertThat(OwnLack.of(thrown)).isNull();
    }
}
