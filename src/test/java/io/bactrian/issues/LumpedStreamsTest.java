package io.bactrian.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Gateway;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.SequenceInputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** platform-http collects 16 KiB of a body before it writes any: the events of a stream arrive in one lump at its end. */
final class LumpedStreamsTest {

    @Test
    void platform_http_holds_back_the_beginning_of_a_stream_until_its_end() throws Exception {
        CountDownLatch more = new CountDownLatch(1);
        try (PlainCamel camel = PlainCamel.serving(routes -> routes.from("platform-http:/in")
                .process(x -> x.getMessage().setBody(new SequenceInputStream(text("data: one\n\n"), after(more)))))) {

            CompletableFuture<String> first = CompletableFuture.supplyAsync(() -> firstLine(camel));

            await().during(Duration.ofMillis(500)).atMost(Duration.ofSeconds(5)).until(() -> !first.isDone());
            more.countDown();
            assertThat(first.get(10, TimeUnit.SECONDS)).isEqualTo("data: one");
        }
    }

    @Test
    void the_gateway_passes_on_the_first_word_while_the_provider_still_speaks() throws Exception {
        try (StubProvider stub = StubProvider.openai()
                        .answers(Reply.text("one two three").everyToken(Duration.ofSeconds(2)));
                Gateway gateway = Gateway.over(Map.of("p", stub));
                HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(gateway.uri("/v1/chat/completions"))
                    .header("content-type", "application/json")
                    .POST(
                            HttpRequest.BodyPublishers.ofString(
                                    "{\"model\":\"default\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"))
                    .build();

            HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());

            assertThat(firstLine(response.body())).startsWith("data: ");
            assertThat(stub.call(1).answered()).isFalse();
        }
    }

    private static String firstLine(PlainCamel camel) {
        try {
            return firstLine(camel.post("/in", "", HttpResponse.BodyHandlers.ofInputStream())
                    .body());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static String firstLine(InputStream body) throws Exception {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
            return reader.readLine();
        }
    }

    private static InputStream text(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A stream that ends when it is told to. */
    private static InputStream after(CountDownLatch told) {
        return new InputStream() {
            @Override
            public int read() {
                try {
                    told.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return -1;
            }
        };
    }
}
