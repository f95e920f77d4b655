package io.bactrian.behaviour;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.OperatingSystemMXBean;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.StubProvider;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Providers that send without end, as fast as they can, and say nothing. */
@Isolated("it looks how busy the process is")
final class FloodIT {
    private static final int STREAMS = 20;
    private static final String DOCUMENT = """
        {"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":\
        {"role":"assistant","content":"all"},"finish_reason":"stop"}]}""";

    private static final String ANSWER = "data: %s\n\ndata: [DONE]\n\n".formatted(DOCUMENT.replace("message", "delta"));

    @RegisterExtension
    final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.providers.p.first-token-timeout=1s",
                    "bactrian.providers.narrow.max-connections=1",
                    "bactrian.providers.zipped.max-connections=1",
                    "bactrian.providers.zipped.first-token-timeout=1s",
                    "bactrian.defaults.breaker.failures=1000")
            .openai("p", "narrow", "zipped", "f");

    private final StubProvider p = gateway.stub("p");
    private final StubProvider narrow = gateway.stub("narrow");

    @ParameterizedTest
    @ValueSource(strings = {"\n", ": still here\n", "data:\n\n", "id: 1\n"})
    void many_streams_of_nothing_end_in_time_and_leave_nothing_behind(String line) {
        p.answers(flood("text/event-stream", "", line));
        Request request = gateway.along("p", "f").stream(true);

        List<Answer> answers = gateway.askAtOnce(STREAMS, i -> request);

        for (Answer answer : answers) {
            assertThat(answer.outcomes()).isEqualTo("p=TIMEOUT, f=OK");
            assertThat(answer.done()).isTrue();
            // Twenty floods may well take all the machine has; without a limit they last until the deadline of ten
            // minutes.
            assertThat(answer.took()).isLessThan(Duration.ofSeconds(15));
        }
        await().until(() -> p.openConnections() == 0);
        await().until(FloodIT::idle);
    }

    /** The least of three: an answer whose end is awaited for the usual second is never quicker than that. */
    @Test
    void flood_behind_the_end_of_an_answer_is_cut_off() {
        List<Duration> took = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            p.forget();
            p.answers(flood("text/event-stream", ANSWER, "\n"), Reply.text("fresh"));

            Answer first = gateway.ask(gateway.along("p", "f").stream(true));
            await().until(() -> p.call(1).clientLeft());
            Answer second = gateway.ask(gateway.along("p", "f"));

            assertThat(first.content()).isEqualTo("all");
            assertThat(second.outcomes()).isEqualTo("p=OK");
            assertThat(second.content()).isEqualTo("fresh");
            took.add(first.took());
        }
        assertThat(Collections.min(took)).isLessThan(Duration.ofMillis(900));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void body_that_goes_on_behind_compressed_bytes_is_cut_off(boolean stream) {
        String type = stream ? "text/event-stream" : "application/json";
        byte[] whole = gzip(stream ? ANSWER : DOCUMENT);
        StubProvider zipped = gateway.stub("zipped");
        zipped.on(call -> call.number() > 1
                ? Reply.text("fresh")
                : x -> {
                    x.streamHead(200, Map.of("content-type", type, "content-encoding", "gzip"));
                    x.chunk(whole);
                    x.awaitLeaving();
                    return Reply.After.CLOSE;
                });

        Answer first = gateway.ask(gateway.along("zipped", "f").stream(true));
        await().until(() -> zipped.call(1).clientLeft());
        Answer second = gateway.ask(gateway.along("zipped", "f"));

        assertThat(first.content()).isEqualTo("all");
        assertThat(second.outcomes()).isEqualTo("zipped=OK");
    }

    @Test
    void document_that_is_followed_by_blanks_without_end_is_cut_off() {
        narrow.answers(flood("application/json", DOCUMENT, " "), Reply.text("fresh"));

        Answer first = gateway.ask(gateway.along("narrow", "f"));
        await().until(() -> narrow.openConnections() == 0);
        Answer second = gateway.ask(gateway.along("narrow", "f"));

        assertThat(first.content()).isEqualTo("all");
        assertThat(second.outcomes()).isEqualTo("narrow=OK");
        await().until(FloodIT::idle);
    }

    private static byte[] gzip(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            zip.write(text.getBytes(UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static Reply flood(String type, String before, String line) {
        byte[] lines = line.repeat(4096 / line.length()).getBytes(UTF_8);
        return x -> {
            x.streamHead(200, Map.of("content-type", type));
            x.chunk(before.getBytes(UTF_8));
            // On a thread of its own: the stub's share the processors with those of the gateway.
            Thread.ofPlatform().start(() -> {
                try {
                    while (true) {
                        x.chunk(lines);
                    }
                } catch (IOException e) {
                    // The client has left.
                }
            });
            x.awaitLeaving();
            return Reply.After.CLOSE;
        };
    }

    /** Whether nothing goes on reading, or turns in a circle, for a call that is over. */
    private static boolean idle() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuLoad() < 0.2;
    }
}
