package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Program;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** The stop of the program while requests are in progress. */
final class StoppingIT {
    private static final String MESSAGES = ",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @Test
    void who_only_waits_is_answered_at_once_and_the_rest_at_the_end_of_the_grace_period() throws Exception {
        try (StubProvider slow =
                        StubProvider.openai().answers(Reply.text("Hi there").stallAfter(1));
                StubProvider limited = StubProvider.openai()
                        .answers(Reply.error(429, "rate_limit", null, "slow down", "retry-after", "60"));
                Program program = Program.with(
                                "camel.server.port=0",
                                "bactrian.health.period=0s",
                                "camel.main.shutdownTimeout=5",
                                "bactrian.defaults.max-wait=2m",
                                "bactrian.defaults.patience=2m",
                                "bactrian.providers.slow.base-url=" + slow.baseUrl(),
                                "bactrian.providers.slow.keyless=true",
                                "bactrian.providers.limited.base-url=" + limited.baseUrl(),
                                "bactrian.providers.limited.keyless=true",
                                "bactrian.chains.default=slow/m",
                                "bactrian.chains.limited=limited/m")
                        .run()) {
            Future<String> document = ask(program, "/v1/chat/completions", "{\"model\":\"limited\"");
            Future<String> waiting = ask(program, "/v1/messages", "{\"model\":\"limited\",\"stream\":true");
            Future<String> chat = ask(program, "/v1/chat/completions", "{\"model\":\"default\",\"stream\":true");
            Future<String> messages = ask(program, "/v1/messages", "{\"model\":\"default\",\"stream\":true");
            await().until(() -> !limited.calls().isEmpty() && slow.calls().size() == 2);

            program.terminate();

            assertThat(document.get()).startsWith("503 retry-after=1").contains("\"code\":\"stopping\"");
            assertThat(waiting.get()).contains("overloaded_error", "The gateway is stopping.");
            assertThat(program.out()).doesNotContain("were not finished");

            assertThat(chat.get())
                    .startsWith("200")
                    .contains("\"code\":\"stopping\"")
                    .doesNotContain("[DONE]");
            assertThat(messages.get())
                    .contains("event: error", "The gateway is stopping.")
                    .doesNotContain("message_stop");
            assertThat(program.exitCode()).isZero();
            assertThat(program.out()).contains("Requests that were not finished within 5 s and got an error: 2");
            assertThat(program.out() + program.err()).doesNotContain("Exception", "\tat ");
        }
    }

    @Test
    void a_second_signal_ends_it_at_once() {
        try (StubProvider silent = StubProvider.openai().answers(Reply.silence());
                Program program = Program.with(
                                "camel.server.port=0",
                                "bactrian.health.period=0s",
                                "bactrian.providers.silent.base-url=" + silent.baseUrl(),
                                "bactrian.providers.silent.keyless=true",
                                "bactrian.chains.default=silent/m")
                        .run()) {
            ask(program, "/v1/chat/completions", "{\"model\":\"default\"");
            await().until(() -> silent.calls().size() == 1);
            program.terminate();
            await().until(() -> program.out().contains("Stopping: "));
            await().pollInterval(Duration.ofMillis(300)).until(() -> {
                program.terminate();
                return !program.runs();
            });
            assertThat(program.exitCode()).isEqualTo(143);
        }
    }

    /** The status, the header {@code retry-after}, and the body as far as it came. */
    private Future<String> ask(Program program, String path, String begin) {
        HttpRequest request = HttpRequest.newBuilder(program.uri(path))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(begin + MESSAGES))
                .build();
        FutureTask<String> task = new FutureTask<>(() -> {
            HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            StringBuilder text = new StringBuilder(response.statusCode() + " retry-after="
                    + response.headers().firstValue("retry-after").orElse("") + "\n");
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
                lines.lines().forEach(line -> text.append(line).append('\n'));
            } catch (IOException | UncheckedIOException e) {
                // A stream that is not whole ends without its last chunk.
            }
            return text.toString();
        });
        Thread.ofVirtual().start(task);
        return task;
    }
}
