package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.Scene;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** The time for a connection: all of its steps together end within {@code connect-timeout}, however slowly they go on. */
final class ConnectTimeIT {
    /** The head of a TLS record of 16 KiB, after which there is always another byte to wait for. */
    private static final byte[] RECORD = {22, 3, 3, 64, 0};

    private static final byte[] PROXY = "HTTP/1.1 200 OK\r\nx: ".getBytes(StandardCharsets.US_ASCII);

    @Test
    void a_handshake_and_a_proxy_that_go_on_byte_by_byte_end_in_time() throws IOException {
        try (ServerSocket handshake = dripping(RECORD);
                ServerSocket proxy = dripping(PROXY);
                Scene scene = Scene.with(
                                "bactrian.defaults.connect-timeout=900ms",
                                "bactrian.defaults.max-attempts=1",
                                "bactrian.defaults.deadline=40s",
                                "bactrian.providers.proxied.proxy=http://localhost:" + proxy.getLocalPort())
                        .provider("tls", "https://localhost:" + handshake.getLocalPort() + "/v1")
                        .provider("proxied", "https://localhost:1/v1")
                        .openai("f")
                        .start()) {
            scene.stub("f").answers(Reply.text("here"));
            for (String slow : new String[] {"tls", "proxied"}) {
                Answer answer = scene.gateway().ask(Request.of(slow + "/m").fallbacks("f/m"));

                assertThat(answer.outcomes()).isEqualTo(slow + "=TIMEOUT, f=OK");
                assertThat(answer.took()).isBetween(Duration.ofMillis(800), Duration.ofSeconds(30));
            }
        }
    }

    /** A peer that begins with some bytes, and sends another one every 300 ms. */
    private static ServerSocket dripping(byte[] begin) throws IOException {
        ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.startVirtualThread(() -> {
            while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                    socket.getOutputStream().write(begin);
                    // The socket of a call that was given up is closed.
                    for (int i = 0; i < 100 && !server.isClosed(); i++) {
                        socket.getOutputStream().write('0');
                        LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
                    }
                } catch (IOException e) {
                    continue;
                }
            }
        });
        return server;
    }
}
