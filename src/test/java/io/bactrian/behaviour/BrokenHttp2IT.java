package io.bactrian.behaviour;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Program;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;

/** An HTTP/2 connection on which nothing is as it should be is closed, and is no matter for the log. */
class BrokenHttp2IT {
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;

    @Test
    void streams_that_are_opened_and_reset_are_no_lines_in_the_log() throws Exception {
        try (Program program =
                Program.with("camel.server.port=0", "bactrian.demo=on").run()) {
            URI live = program.uri("/health/live");
            int before = program.out().length();
            for (int i = 0; i < 3; i++) {
                try (Socket socket = new Socket(live.getHost(), live.getPort())) {
                    socket.setSoTimeout(20_000);
                    socket.getOutputStream().write(streams());
                    socket.getInputStream().readAllBytes();
                } catch (IOException e) {
                    // The gateway has closed it, as it may.
                }
            }

            HttpRequest request = HttpRequest.newBuilder(live).build();
            assertThat(HttpClient.newHttpClient()
                            .send(request, BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(200);
            program.terminate();
            assertThat(program.exitCode()).isZero();
            assertThat(program.out().length() - before).as(program.out()).isLessThan(2_000);
        }
    }

    /** A connection with a thousand streams: each has a method and no path, and is reset at once. */
    private static byte[] streams() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII));
        frame(out, SETTINGS, 0, new byte[0]);
        for (int stream = 1; stream < 2_000; stream += 2) {
            frame(out, HEADERS, stream, new byte[] {(byte) 0x82});
            frame(out, RST_STREAM, stream, new byte[] {0, 0, 0, 8});
        }
        return bytes.toByteArray();
    }

    private static void frame(DataOutputStream out, int type, int stream, byte[] content) throws IOException {
        out.writeByte(0);
        out.writeShort(content.length);
        out.writeByte(type);
        out.writeByte(type == HEADERS ? 4 : 0);
        out.writeInt(stream);
        out.write(content);
    }
}
