package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Caller;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.ResponseBody;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The body of a stream that broke off: incomplete on the wire, for callers that read no error event. */
final class BrokenBodiesIT {
    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.max-attempts=1", "bactrian.defaults.breaker.failures=1000")
            .openai("p");

    @BeforeEach
    void breaks() {
        gateway.stub("p").answers(Reply.text("one two three").cutAfter(2));
    }

    @ParameterizedTest
    @EnumSource
    void over_http_1_1_the_last_chunk_is_missing(Caller caller) throws IOException {
        String response = read(caller, "HTTP/1.1", "");

        assertThat(response).startsWith("HTTP/1.1 200").contains("two", ": bactrian attempts p/", "STREAM_BROKEN");
        assertThat(response).contains("\"error\"").endsWith("}\n\n\r\n").doesNotContain("\r\n0\r\n");
        await().until(() -> gateway.inFlight() == 0);
    }

    @ParameterizedTest
    @EnumSource
    void a_caller_that_wants_the_connection_closed_misses_the_last_chunk_too(Caller caller) throws IOException {
        assertThat(read(caller, "HTTP/1.1", "connection: close\r\n"))
                .contains("\"error\"")
                .doesNotContain("\r\n0\r\n");
        await().until(() -> gateway.inFlight() == 0);
    }

    @ParameterizedTest
    @EnumSource
    void over_http_1_0_the_connection_is_reset(Caller caller) throws IOException {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        try (Socket socket = ask(caller, "HTTP/1.0", "")) {
            assertThatThrownBy(() -> socket.getInputStream().transferTo(read)).isInstanceOf(SocketException.class);
        }
        assertThat(read.toString(StandardCharsets.UTF_8)).contains("two", "\"error\"");
        await().until(() -> gateway.inFlight() == 0);
    }

    @ParameterizedTest
    @EnumSource
    void over_http_2_the_stream_is_reset_and_the_connection_goes_on(Caller caller) throws Exception {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
            for (int i = 0; i < 3; i++) {
                HttpRequest request = HttpRequest.newBuilder(gateway.uri(caller.path()))
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(caller.body("default", true, "{}")))
                        .build();
                ResponseBody body = new ResponseBody();

                assertThat(body.read(client, request)).as("whole").isFalse();
                assertThat(body.head().version()).isEqualTo(HttpClient.Version.HTTP_2);
                assertThat(new String(body.toByteArray(), StandardCharsets.UTF_8))
                        .contains("two", "\"error\"");
            }
        }
        await().until(() -> gateway.inFlight() == 0);
    }

    @ParameterizedTest
    @EnumSource
    void a_whole_stream_and_an_error_document_end_as_ever(Caller caller) throws IOException {
        gateway.stub("p").answers(Reply.text("one two three"), Reply.status(400, "{}"), Reply.status(500, "{}"));

        for (int i = 0; i < 3; i++) {
            assertThat(read(caller, "HTTP/1.1", "connection: close\r\n"))
                    .containsAnyOf("\r\n0\r\n\r\n", "content-length");
        }
    }

    @Test
    void a_connection_is_kept_after_whole_streams_alone() {
        Request request = Request.of("default").stream(true);
        gateway.stub("p").answers(Reply.text("one two three"));

        assertThat(gateway.ask(request).brokenOff()).isFalse();
        assertThat(gateway.ask(request).brokenOff()).isFalse();
        breaks();
        assertThat(gateway.ask(request).brokenOff()).isTrue();
        gateway.stub("p").answers(Reply.text("one two three"));
        assertThat(gateway.ask(request).brokenOff()).isFalse();
    }

    private static Socket ask(Caller caller, String version, String headers) throws IOException {
        byte[] body = caller.body("default", true, "{}").getBytes(StandardCharsets.UTF_8);
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port());
        socket.setSoTimeout((int) Duration.ofSeconds(20).toMillis());
        String head = "POST " + caller.path() + " " + version + "\r\nhost: localhost\r\n" + headers
                + "content-type: application/json\r\ncontent-length: " + body.length + "\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(body);
        return socket;
    }

    /** Reads until the connection is closed. */
    private static String read(Caller caller, String version, String headers) throws IOException {
        try (Socket socket = ask(caller, version, headers)) {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
