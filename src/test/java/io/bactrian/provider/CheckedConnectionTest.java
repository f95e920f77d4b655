package io.bactrian.provider;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.ProtocolException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.apache.hc.core5.io.CloseMode;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckedConnectionTest {
    private static final String ANSWER = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";
    private static final char[] PASSWORD = "password".toCharArray();
    private static SSLContext tls;

    @BeforeAll
    static void certificate(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("keys");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "a",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-storepass",
                        new String(PASSWORD),
                        "-keystore",
                        file.toString())
                .redirectErrorStream(true)
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void connection_whose_answers_were_read_is_used_again(boolean secret) throws Exception {
        try (Line line = new Line(secret)) {
            line.answer(ANSWER);
            line.answer("HTTP/1.1 204 Nothing\r\n\r\n");
            line.answer(ANSWER);

            assertThat(line.client.isStale()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void connection_with_bytes_behind_the_answer_is_not(boolean secret) throws Exception {
        try (Line line = new Line(secret)) {
            line.answer(ANSWER + "x");

            assertThat(line.client.isStale()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void connection_with_bytes_that_came_later_is_not(boolean secret) throws Exception {
        try (Line line = new Line(secret)) {
            line.answer(ANSWER);
            assertThat(line.client.isStale()).isFalse();

            line.write("x");

            await().until(line.client::isStale);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void connection_that_is_found_closed_after_a_while_is_not(boolean secret) throws Exception {
        try (Line line = new Line(secret)) {
            line.answer(ANSWER);
            line.client.passivate();

            line.server.close();

            await().until(line.client::isStale);
        }
    }

    @Test
    void what_a_proxy_says_behind_its_answer_is_no_answer_of_the_server_behind_it() throws Exception {
        try (Line line = new Line(false);
                SSLSocket tunnel = (SSLSocket) SSLSocketFactory.getDefault().createSocket()) {
            line.answer("HTTP/1.1 200 Connected\r\n\r\n" + ANSWER);

            assertThatExceptionOfType(ProtocolException.class)
                    .isThrownBy(() -> line.client.bind(tunnel, line.client.getSocket()));
        }
    }

    @Test
    void socket_that_is_connected_too_late_is_closed() throws Exception {
        CheckedConnection connection = new CheckedConnection(Http1Config.DEFAULT);
        connection.close(CloseMode.IMMEDIATE);
        Socket late = new Socket();

        assertThatExceptionOfType(InterruptedIOException.class).isThrownBy(() -> connection.bind(late));
        assertThat(late.isClosed()).isTrue();
        assertThat(connection.isOpen()).isFalse();
    }

    /** A connection and the server at its other end. */
    private static final class Line implements AutoCloseable {
        final CheckedConnection client = new CheckedConnection(Http1Config.DEFAULT);
        final Socket server;

        Line(boolean secret) throws Exception {
            try (ServerSocket listener = secret
                    ? tls.getServerSocketFactory().createServerSocket(0, 1, InetAddress.getLoopbackAddress())
                    : new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                CompletableFuture<Socket> accepted = CompletableFuture.supplyAsync(() -> accept(listener));
                Socket socket = new Socket(listener.getInetAddress(), listener.getLocalPort());
                if (secret) {
                    SSLSocket upgraded =
                            (SSLSocket) tls.getSocketFactory().createSocket(socket, "localhost", 443, true);
                    upgraded.startHandshake();
                    client.bind(upgraded, socket);
                } else {
                    client.bind(socket);
                }
                server = accepted.get();
            }
        }

        private static Socket accept(ServerSocket listener) {
            try {
                Socket socket = listener.accept();
                if (socket instanceof SSLSocket upgraded) {
                    upgraded.startHandshake();
                }
                return socket;
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        void write(String bytes) throws IOException {
            server.getOutputStream().write(bytes.getBytes(US_ASCII));
            server.getOutputStream().flush();
        }

        /** The server answers, and the answer is read to its end. */
        void answer(String bytes) throws Exception {
            client.sendRequestHeader(new BasicClassicHttpRequest("GET", "/"));
            client.flush();
            write(bytes);
            ClassicHttpResponse response = client.receiveResponseHeader();
            if (response.containsHeader("content-length")) {
                client.receiveResponseEntity(response);
                EntityUtils.consume(response.getEntity());
            }
        }

        @Override
        public void close() throws IOException {
            client.close(CloseMode.IMMEDIATE);
            server.close();
        }
    }
}
