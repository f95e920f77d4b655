package io.bactrian.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StubProviderTest {
    private static final String ASK = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    private static final String STREAM =
            "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true},\"messages\":[]}";

    private final StubProvider openai = StubProvider.openai();
    private final StubProvider anthropic = StubProvider.anthropic();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @AfterEach
    void close() {
        client.shutdownNow();
        openai.close();
        anthropic.close();
    }

    @Test
    void a_document_speaks_the_protocol_of_openai() throws Exception {
        openai.answers(Reply.text("Hello big world"));
        assertThat(post(openai, ASK).body())
                .contains(
                        "\"object\":\"chat.completion\"", "\"content\":\"Hello big world\"", "\"completion_tokens\":3")
                .contains("\"finish_reason\":\"stop\"", "\"model\":\"m\"");
    }

    @Test
    void a_stream_speaks_the_protocol_of_openai() throws Exception {
        openai.answers(Reply.text("Hello big world"));
        HttpResponse<String> response = post(openai, STREAM);
        assertThat(response.headers().firstValue("content-type")).hasValue("text/event-stream; charset=utf-8");
        assertThat(contents(response.body())).isEqualTo("Hello big world");
        assertThat(response.body())
                .startsWith("data: {")
                .contains("\"role\":\"assistant\"", "\"finish_reason\":\"stop\"", "\"choices\":[],\"usage\":{")
                .endsWith("data: [DONE]\n\n");
        assertThat(openai.lastCall().tokensSent()).isEqualTo(3);
        await().until(() -> openai.lastCall().answered());
    }

    @Test
    void a_document_and_a_stream_speak_the_protocol_of_anthropic() throws Exception {
        anthropic.answers(Reply.text("Hello big world").tool("look", "{\"city\":\"Oslo\"}"));
        assertThat(post(anthropic, ASK).body())
                .contains("\"type\":\"text\",\"text\":\"Hello big world\"", "\"input\":{\"city\":\"Oslo\"}")
                .contains("\"stop_reason\":\"tool_use\"");
        List<String> types = Pattern.compile("event: (\\w+)")
                .matcher(post(anthropic, STREAM).body())
                .results()
                .map(m -> m.group(1))
                .toList();
        assertThat(types)
                .startsWith("message_start", "ping", "content_block_start", "content_block_delta")
                .containsSubsequence("content_block_stop", "content_block_start", "content_block_delta")
                .endsWith("content_block_stop", "message_delta", "message_stop");
    }

    @Test
    void tool_arguments_come_in_pieces_that_add_up() throws Exception {
        openai.answers(Reply.toolCall("look", "{\"city\":\"Trondheim\"}"));
        String body = post(openai, STREAM).body();
        String joined = Pattern.compile("\"arguments\":\"((?:\\\\.|[^\"])*)\"")
                .matcher(body)
                .results()
                .map(m -> m.group(1).replace("\\\"", "\""))
                .collect(Collectors.joining());
        assertThat(joined).isEqualTo("{\"city\":\"Trondheim\"}");
        assertThat(body).containsOnlyOnce("\"name\":\"look\"").contains("\"finish_reason\":\"tool_calls\"");
    }

    @Test
    void reply_n_is_for_call_n_and_the_last_one_repeats() throws Exception {
        openai.answers(
                Reply.error(429, "requests", "rate_limit_exceeded", "slower", "retry-after", "2"), Reply.text("ok"));
        HttpResponse<String> first = post(openai, ASK);
        assertThat(first.statusCode()).isEqualTo(429);
        assertThat(first.headers().firstValue("retry-after")).hasValue("2");
        assertThat(first.body()).contains("\"code\":\"rate_limit_exceeded\"");
        assertThat(post(openai, ASK).statusCode()).isEqualTo(200);
        assertThat(post(openai, ASK).statusCode()).isEqualTo(200);
        assertThat(openai.calls()).extracting(Call::number).containsExactly(1, 2, 3);
    }

    @Test
    void the_log_has_the_whole_request_and_connections_are_kept() throws Exception {
        post(openai, ASK);
        post(openai, ASK);
        Call call = openai.call(2);
        assertThat(call.requestLine()).isEqualTo("POST /v1/chat/completions HTTP/1.1");
        assertThat(call.header("Content-TYPE")).isEqualTo("application/json");
        assertThat(call.json().at("/messages/0/content").asText()).isEqualTo("hi");
        assertThat(call.connection()).isEqualTo(1);
        assertThat(call.requestOnConnection()).isEqualTo(2);
        assertThat(openai.openConnections()).isEqualTo(1);
        assertThat(call.since(openai.call(1))).isPositive();
    }

    @Test
    void probes_do_not_use_up_the_script() throws Exception {
        openai.answers(Reply.text("one"), Reply.text("two"));
        HttpRequest models =
                HttpRequest.newBuilder(URI.create(openai.baseUrl() + "/models")).build();
        assertThat(client.send(models, BodyHandlers.ofString()).body()).contains("stub-model");
        assertThat(post(openai, ASK).body()).contains("one");
        assertThat(openai.probes()).hasSize(1);
        assertThat(openai.calls()).hasSize(1);
    }

    @Test
    void breaks_look_broken_to_the_client() {
        for (Reply reply : List.of(
                Reply.reset(),
                Reply.closeSilently(),
                Reply.shortBody(200, ASK, 5),
                Reply.text("a b c d").cutAfter(2),
                Reply.text("a b c d").resetAfter(2))) {
            openai.answers(reply);
            assertThatThrownBy(() -> post(openai, ASK)).isInstanceOf(IOException.class);
            openai.answers(reply);
            assertThatThrownBy(() -> post(openai, STREAM)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void a_reset_reaches_the_client_as_a_reset_and_not_as_an_end() throws Exception {
        openai.answers(Reply.reset());
        try (Socket socket = new Socket("127.0.0.1", openai.port())) {
            socket.getOutputStream().write(rawRequest(ASK));
            assertThatThrownBy(() -> socket.getInputStream().readAllBytes())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
    }

    @Test
    void words_before_a_reset_arrive() throws Exception {
        openai.answers(Reply.text("one two three four").resetAfter(2));
        StringBuilder seen = new StringBuilder();
        assertThatThrownBy(() -> {
                    try (Socket socket = new Socket("127.0.0.1", openai.port())) {
                        socket.getOutputStream().write(rawRequest(STREAM));
                        for (int b = socket.getInputStream().read();
                                b >= 0;
                                b = socket.getInputStream().read()) {
                            seen.append((char) b);
                        }
                    }
                })
                .isInstanceOf(SocketException.class);
        assertThat(contents(seen.toString())).isEqualTo("one two");
    }

    @Test
    void an_end_too_early_is_clean_on_the_wire() throws Exception {
        openai.answers(Reply.text("a b c d").endAfter(2));
        assertThat(contents(post(openai, STREAM).body())).isEqualTo("a b");
        assertThat(post(openai, STREAM).body()).doesNotContain("[DONE]", "\"stop\"");
        assertThat(post(openai, ASK).body()).startsWith("{").doesNotEndWith("}");
    }

    @Test
    void events_can_be_wrong_missing_or_errors() throws Exception {
        openai.answers(Reply.text("a b").errorEventAfter(1, "{\"error\":{\"message\":\"x\"}}"));
        assertThat(post(openai, STREAM).body()).endsWith("data: {\"error\":{\"message\":\"x\"}}\n\n");
        assertThat(post(openai, ASK).body()).isEqualTo("{\"error\":{\"message\":\"x\"}}");
        openai.answers(Reply.text("a b").malformedEventAt(1).withoutDone());
        assertThat(post(openai, STREAM).body()).contains("\"content\":\n\n").doesNotContain("[DONE]");
        openai.answers(Reply.text("a b").withoutStart().withoutFinish());
        assertThat(post(openai, STREAM).body())
                .doesNotContain("\"role\"", "\"stop\"")
                .endsWith("[DONE]\n\n");
        anthropic.answers(Reply.text("a b").errorEventAfter(0, "{\"type\":\"error\"}"));
        assertThat(post(anthropic, STREAM).body()).endsWith("event: error\ndata: {\"type\":\"error\"}\n\n");
    }

    @Test
    void bytes_may_be_torn_and_lines_may_end_with_crlf() throws Exception {
        openai.answers(Reply.text("Grüße 🐪 终").crlf().bytesAtATime(1));
        String body = post(openai, STREAM).body();
        assertThat(body).contains("\r\n\r\ndata: ").endsWith("data: [DONE]\r\n\r\n");
        assertThat(contents(body)).isEqualTo("Grüße 🐪 终");
    }

    @Test
    void silence_lasts_until_the_client_leaves_and_that_is_noticed_at_once() {
        List<Duration> noticed = new ArrayList<>();
        for (Reply reply : List.of(
                Reply.silence(),
                Reply.headersOnly(),
                Reply.text("a").delayed(Duration.ofSeconds(9)),
                Reply.text("a").firstTokenAfter(Duration.ofSeconds(9)),
                Reply.text("a b c").stallAfter(1),
                Reply.text("a b c").stallAfter(1).pinging(Duration.ofMillis(20)),
                Reply.text("a b c").withoutDone().stallAtEnd(),
                Reply.text("a b").everyToken(Duration.ofMillis(10)).endless())) {
            openai.forget();
            openai.answers(reply);
            try (Socket socket = new Socket("127.0.0.1", openai.port())) {
                socket.getOutputStream().write(rawRequest(STREAM));
                await().until(() -> openai.calls().size() == 1);
                assertThat(openai.call(1).clientLeft()).isFalse();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            long left = System.nanoTime();
            await().pollInterval(Duration.ofMillis(2))
                    .until(() -> openai.call(1).clientLeft());
            noticed.add(Duration.ofNanos(openai.call(1).clientLeftAt() - left));
            assertThat(openai.call(1).answered()).isFalse();
            await().until(() -> openai.openConnections() == 0);
        }
        // All of them within the pause of a test, and the quickest as soon as the machine lets it be.
        assertThat(noticed).allSatisfy(time -> assertThat(time).isLessThan(Duration.ofSeconds(5)));
        assertThat(Collections.min(noticed)).isLessThan(Duration.ofMillis(250));
    }

    @Test
    void a_client_that_gives_up_waiting_leaves() {
        openai.answers(Reply.silence());
        assertThatThrownBy(() -> client.send(
                        request(openai, ASK).timeout(Duration.ofMillis(200)).build(), BodyHandlers.ofString()))
                .isInstanceOf(HttpTimeoutException.class);
        await().until(() -> openai.lastCall().clientLeft());
        assertThat(openai.lastCall().clientLeftAfter()).isBetween(Duration.ofMillis(100), Duration.ofSeconds(2));
    }

    @Test
    void a_delay_is_kept() throws Exception {
        openai.answers(Reply.status(503, "{}").delayed(Duration.ofMillis(150)));
        long from = System.nanoTime();
        assertThat(post(openai, ASK).statusCode()).isEqualTo(503);
        assertThat(System.nanoTime() - from).isGreaterThan(150_000_000);
    }

    @Test
    void raw_gzip_html_and_fixtures_come_byte_for_byte() throws Exception {
        openai.answers(
                Reply.raw("HTTP/1.1 418 Teapot\r\ncontent-length: 2\r\n\r\nhi").thenClose());
        assertThat(post(openai, ASK).statusCode()).isEqualTo(418);
        openai.answers(Reply.html());
        assertThat(post(openai, ASK).body()).contains("<html>");
        openai.answers(Reply.gzip(200, "{}"));
        assertThat(post(openai, ASK).headers().firstValue("content-encoding")).hasValue("gzip");
        for (Fixture fixture : Fixture.all().toList()) {
            openai.answers(Reply.fixture(fixture.id()));
            HttpResponse<byte[]> response = client.send(request(openai, ASK).build(), BodyHandlers.ofByteArray());
            assertThat(response.statusCode()).isEqualTo(fixture.status());
            assertThat(response.body()).isEqualTo(fixture.body());
        }
    }

    @Test
    void a_kept_connection_can_be_stale() throws Exception {
        openai.answers(Reply.keepAliveThenClose(Reply.text("one")));
        byte[] request = rawRequest(ASK);
        try (Socket socket = new Socket("127.0.0.1", openai.port())) {
            socket.getOutputStream().write(request);
            await().until(() -> openai.calls().size() == 1 && openai.call(1).answered());
            socket.getOutputStream().write(request);
            await().until(() -> openai.openConnections() == 0);
        }
        assertThat(openai.calls()).extracting(Call::requestOnConnection).containsExactly(1, 2);
    }

    @Test
    void a_dead_stub_refuses_and_a_revived_one_answers() throws Exception {
        post(openai, ASK);
        openai.die();
        await().until(() -> openai.openConnections() == 0);
        assertThatThrownBy(() -> new Socket("127.0.0.1", openai.port())).isInstanceOf(ConnectException.class);
        openai.revive();
        try (HttpClient fresh = HttpClient.newHttpClient()) {
            HttpResponse<String> response = fresh.send(request(openai, ASK).build(), BodyHandlers.ofString());
            assertThat(response.statusCode()).isEqualTo(200);
        }
    }

    @Test
    void tls_fails_fast() {
        HttpRequest request = HttpRequest.newBuilder(URI.create(openai.baseUrl().replace("http:", "https:")))
                .build();
        assertThatThrownBy(() -> client.send(request, BodyHandlers.ofString())).isInstanceOf(SSLException.class);
    }

    @Test
    void two_hundred_are_served_at_once() {
        openai.answers(Reply.text("a b c").everyToken(Duration.ofMillis(50)));
        List<CompletableFuture<HttpResponse<String>>> all = IntStream.range(0, 200)
                .mapToObj(i -> client.sendAsync(request(openai, STREAM).build(), BodyHandlers.ofString()))
                .toList();
        assertThat(all).allSatisfy(answer -> assertThat(answer.join().body()).endsWith("[DONE]\n\n"));
        assertThat(openai.calls())
                .extracting(Call::number)
                .doesNotHaveDuplicates()
                .hasSize(200);
    }

    @Test
    void an_unknown_path_is_a_404_in_the_protocol() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(openai.baseUrl() + "/nowhere"))
                .build();
        HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.body()).startsWith("{\"error\":");
    }

    private HttpResponse<String> post(StubProvider stub, String body) throws IOException, InterruptedException {
        return client.send(request(stub, body).build(), BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(StubProvider stub, String body) {
        return HttpRequest.newBuilder(URI.create(stub.baseUrl() + stub.wire().path()))
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(body));
    }

    private static byte[] rawRequest(String body) {
        return ("POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-length: " + body.length() + "\r\n\r\n"
                        + body)
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static String contents(String sse) {
        return Pattern.compile("\"delta\":\\{\"content\":\"(.*?)\"}")
                .matcher(sse)
                .results()
                .map((MatchResult m) -> m.group(1))
                .collect(Collectors.joining());
    }
}
