package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.MetricsText;
import io.bactrian.testing.RawConnection;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that send what no HTTP client sends, too slowly, or too much. */
final class HostileConnectionsIT {
    private static final String KEY = "Authorization: Bearer first-key-1\r\n";
    private static final String START = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n";
    private static final String JSON = "Content-Type: application/json\r\n";
    private static final String GOOD = "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
    private static final String SECOND = START + KEY + JSON + "Content-Length: " + GOOD.length() + "\r\n\r\n" + GOOD;
    private static final byte[] MEGABYTE = "x".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII);

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.server.keys=one:first-key-1, two:second-key-2",
                    "bactrian.server.head-timeout=1s",
                    "bactrian.server.body-timeout=1s",
                    "bactrian.server.max-body=3MB",
                    "bactrian.server.max-bodies=4MB")
            .openai("p");

    private static String answersTo(String sent) {
        try (RawConnection connection = RawConnection.to(gateway.port())) {
            return connection.send(sent).readToEnd();
        }
    }

    private static void assertRefused(String answer, int status, String code) {
        assertThat(answer).startsWith("HTTP/1.1 " + status + " ").contains("\"" + code + "\"", "\"error\"");
        assertThat(answer.split("HTTP/1\\.1 ", -1)).as(answer).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n",
                "Transfer-Encoding: chunked, identity\r\n",
                "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
                "Transfer-Encoding: xchunked\r\n",
                "Transfer-Encoding:\tchunked\r\n",
                "Transfer-Encoding : chunked\r\n",
                "X: y\r\n Transfer-Encoding: chunked\r\n",
                "X: y\nTransfer-Encoding: chunked\r\n",
                "Content-Length: 5\r\nContent-Length: 6\r\n",
                "Content-Length: +5\r\n",
                "Host: other\r\n"
            })
    void what_follows_a_request_with_two_readings_is_not_served(String framing) {
        String sent = START + KEY + JSON + framing + "\r\n0\r\n\r\n" + SECOND + SECOND;
        assertRefused(answersTo(sent), 400, "malformed_request");
        assertThat(gateway.stub("p").calls()).isEmpty();
    }

    @Test
    void a_client_that_sends_a_whole_body_before_it_reads_gets_the_refusal() throws Exception {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            for (int i = 0; i < 5; i++) {
                HttpRequest large = HttpRequest.newBuilder(
                                URI.create("http://127.0.0.1:" + gateway.port() + "/v1/chat/completions"))
                        .header("authorization", "Bearer first-key-1")
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[40 << 20]))
                        .build();
                assertThat(client.send(large, HttpResponse.BodyHandlers.ofString())
                                .statusCode())
                        .isEqualTo(413);
            }
        }
    }

    @Test
    void a_request_before_a_malformed_one_gets_its_answer() {
        String answer = answersTo(SECOND + START + "Content-Length: x\r\n\r\n" + SECOND);
        assertThat(answer).startsWith("HTTP/1.1 200 ").contains("Hello from the stub.", "HTTP/1.1 400 ");
        assertThat(answer.split("HTTP/1\\.1 ", -1)).hasSize(3);
        assertThat(gateway.stub("p").calls()).hasSize(1);
    }

    @Test
    void requests_one_after_another_are_answered_in_their_order() {
        String get = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n";
        String answer = answersTo(SECOND + (get + "\r\n").repeat(200) + get + "Connection: close\r\n\r\n");
        assertThat(answer.split("HTTP/1\\.1 200 ", -1)).hasSize(203);
        assertThat(answer.indexOf("Hello from")).isLessThan(answer.indexOf("UP"));
    }

    @Test
    void an_error_of_the_framing_has_the_format_of_the_path() {
        assertThat(answersTo("POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n"))
                .startsWith("HTTP/1.1 400 ")
                .contains("\"type\":\"error\"", "invalid_request_error");
        assertThat(answersTo("GET / HTTP/2.0\r\n\r\n")).startsWith("HTTP/1.1 505 ");
        assertThat(answersTo("GET /" + "a".repeat(9_000) + " HTTP/1.1\r\n")).startsWith("HTTP/1.1 414 ");
        assertThat(answersTo(START + "X: " + "a".repeat(20_000))).startsWith("HTTP/1.1 431 ");
    }

    @Test
    void a_body_without_a_key_is_not_read() {
        for (String length : List.of("Content-Length: 3000000\r\n", "Transfer-Encoding: chunked\r\n")) {
            String head = START + JSON + length + "Expect: 100-continue\r\n\r\n";
            assertRefused(answersTo(head), 401, "invalid_api_key");
            for (String start : List.of("POST /status", "PUT /v1/chat/completions", "POST /nothing", "POST /")) {
                assertThat(answersTo(start + " HTTP/1.1\r\nHost: localhost\r\n" + JSON + length + "\r\n"))
                        .as(start)
                        .startsWith("HTTP/1.1 401 ")
                        .containsIgnoringCase("connection: close");
            }
        }
    }

    @Test
    void a_body_that_will_be_refused_is_not_read() {
        String rest = "Content-Length: 2000000\r\nExpect: 100-continue\r\n\r\n";
        assertRefused(answersTo(START + KEY + "Content-Type: text/plain\r\n" + rest), 415, "unsupported_media_type");
        assertRefused(
                answersTo(START + KEY + JSON + "Content-Encoding: br\r\n" + rest), 415, "unsupported_content_encoding");
        assertRefused(
                answersTo("POST /nothing HTTP/1.1\r\nHost: localhost\r\n" + KEY + JSON + rest), 404, "unknown_url");
        assertRefused(
                answersTo(START + KEY + JSON + "Content-Length: 4000000\r\nExpect: 100-continue\r\n\r\n"),
                413,
                "request_too_large");
    }

    @Test
    void an_admitted_caller_is_told_to_go_on() {
        try (RawConnection caller = RawConnection.to(gateway.port())) {
            caller.send(START + KEY + JSON + "Content-Length: " + GOOD.length() + "\r\nExpect: 100-continue\r\n\r\n");
            caller.readUntil("100 Continue\r\n\r\n");
            caller.send(GOOD);
            assertThat(caller.readUntil("stub.")).contains("200 OK");
        }
    }

    @Test
    void bodies_in_flight_are_bounded_together_and_one_caller_leaves_room_for_others() {
        try (RawConnection first = RawConnection.to(gateway.port());
                RawConnection second = RawConnection.to(gateway.port())) {
            // Half of them stays for others, even if one body may be larger.
            first.send(START + KEY + JSON + "Content-Length: 2500000\r\n\r\n").send(MEGABYTE);
            // Its bytes are there as soon as as many more do not fit.
            Request asMany =
                    Request.of("default").saying("x".repeat(MEGABYTE.length)).header("x-api-key", "first-key-1");
            await().ignoreExceptions().until(() -> gateway.ask(asMany).status() == 503);
            second.send(START + KEY + JSON + "Content-Length: 2500000\r\n\r\n")
                    .send(MEGABYTE)
                    .send(MEGABYTE);
            assertThat(gateway.ask(Request.of("default").header("x-api-key", "second-key-2"))
                            .status())
                    .isEqualTo(200);
            String refused = second.readToEnd();
            assertRefused(refused, 503, "too_many_bytes");
            assertThat(refused).containsIgnoringCase("retry-after: 1");
            assertRefused(first.readToEnd(), 408, "request_timeout");
        }
        // What is left unfinished is given back.
        Request large = Request.of("default").saying("x".repeat(2_000_000)).header("x-api-key", "first-key-1");
        await().until(() -> gateway.ask(large).status() == 200);
        for (int i = 0; i < 3; i++) {
            assertThat(gateway.ask(large).status()).isEqualTo(200);
        }
    }

    @Test
    void a_head_and_a_body_have_their_time() {
        try (RawConnection silent = RawConnection.to(gateway.port());
                RawConnection inLine = RawConnection.to(gateway.port());
                RawConnection inHead = RawConnection.to(gateway.port());
                RawConnection inBody = RawConnection.to(gateway.port());
                RawConnection inChunk = RawConnection.to(gateway.port());
                RawConnection unused = RawConnection.to(gateway.port())) {
            inLine.send("PO");
            inHead.send(START + "X: ");
            inBody.send(START + KEY + JSON + "Content-Length: 20\r\n\r\n{");
            inChunk.send(START + KEY + JSON + "Transfer-Encoding: chunked\r\n\r\n5\r\n{");
            unused.send("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n").readUntil("UP\"}");
            assertThat(silent.readToEnd()).isEmpty();
            for (RawConnection slow : List.of(inLine, inHead, inBody, inChunk)) {
                assertRefused(slow.readToEnd(), 408, "request_timeout");
            }
            unused.send("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n").readUntil("UP\"}");
        }
        MetricsText metrics = MetricsText.of(
                gateway.get("/metrics", "x-api-key", "first-key-1").text());
        assertThat(metrics.value("bactrian_bounds_total", "bound", "head-timeout"))
                .isGreaterThanOrEqualTo(2);
        assertThat(metrics.value("bactrian_bounds_total", "bound", "body-timeout"))
                .isGreaterThanOrEqualTo(2);
    }

    @Test
    void an_answer_that_takes_longer_than_a_head_may_is_waited_for() {
        gateway.stub("p").answers(Reply.text("late").delayed(Duration.ofMillis(2_500)));
        assertThat(answersTo(SECOND.replace(JSON, JSON + "Connection: close\r\n")))
                .contains("200 OK", "late");
    }

    @Test
    void a_caller_that_reads_nothing_is_sent_one_answer_at_a_time() {
        try (RawConnection caller = RawConnection.to(gateway.port())) {
            String files = "GET /page/charts.js HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(20_000);
            Thread sender = Thread.ofVirtual().start(() -> caller.send(files));
            // After the time for an answer that is not read, the connection is closed.
            await().atMost(Duration.ofSeconds(30)).until(() -> !sender.isAlive());
        }
    }

    @Test
    void a_content_type_is_compared_without_case_and_parameters() {
        for (String type : List.of("APPLICATION/JSON", "Application/Json; Charset=UTF-8", "application/json;x=y")) {
            assertThat(answersTo(SECOND.replace("application/json", type).replace(KEY, KEY + "Connection: close\r\n")))
                    .as(type)
                    .startsWith("HTTP/1.1 200 ");
        }
    }
}
