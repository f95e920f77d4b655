package io.bactrian.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.protocol.Json;
import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.RawConnection;
import io.bactrian.testing.Reply;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Odd bytes on sockets, from callers and from a provider: each gets an error or an answer, and the gateway goes on. */
final class FuzzIT {
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3})");
    private static final Corpus CORPUS = Corpus.read();

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.max-attempts=1",
                    "bactrian.defaults.deadline=5s",
                    "bactrian.defaults.max-wait=0s",
                    "bactrian.chains.default=good/m",
                    "bactrian.aliases=*: default")
            .openai("good", "raw")
            .anthropic("raw-messages");

    @Test
    void odd_requests_on_a_socket_get_an_error_or_an_end() {
        Random random = random();
        for (int number = 0; number < inputs(); number++) {
            byte[] request = request(random);
            String responses = responses(request);
            Matcher head = STATUS.matcher(responses);
            while (head.find()) {
                assertThat(head.group(1)).as(new String(request, ISO_8859_1)).isNotEqualTo("500");
            }
            assertThat(responses).as(new String(request, ISO_8859_1)).doesNotContain("internal_error");
        }
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> gateway.inFlight() == 0);
        Answer plain = gateway.gateway().post(Caller.CHAT.path(), Caller.CHAT.body("good/m", false, "{}"));
        assertThat(plain.status()).isEqualTo(200);
    }

    @Test
    void odd_responses_of_a_provider_become_an_answer_or_an_error() {
        Random random = random();
        for (int number = 0; number < inputs(); number++) {
            byte[] response = response(random);
            Caller caller = random.nextBoolean() ? Caller.CHAT : Caller.MESSAGES;
            boolean stream = random.nextBoolean();
            String provider = random.nextBoolean() ? "raw" : "raw-messages";
            String model = provider + "/m-" + number;
            gateway.stub(provider).answers(Reply.raw(response).thenClose());

            Answer answer = gateway.gateway().post(caller.path(), caller.body(model, stream, "{}"));

            String shown = caller + " " + model + " stream " + stream + "\n" + new String(response, ISO_8859_1);
            assertThat(answer.status()).as(shown).isNotEqualTo(500);
            assertThat(answer.text()).as(shown).doesNotContain("internal_error");
            if (answer.status() != 200 || !stream) {
                assertThat(Json.parse(answer.body())).as(shown).isNotNull();
            } else if (!answer.brokenOff()) {
                assertThat(answer.text()).as(shown).containsAnyOf("[DONE]", "message_stop");
            }
        }
    }

    private static int inputs() {
        return Integer.getInteger("fuzz.http", 300);
    }

    private static Random random() {
        return new Random(Long.getLong("fuzz.seed", 14));
    }

    private static byte[] request(Random random) {
        Mutator mutator = new Mutator(random, CORPUS.chats());
        boolean chat = random.nextBoolean();
        byte[] valid = mutator.odd(chat ? CORPUS.chats() : CORPUS.messages());
        byte[] body = random.nextInt(3) == 0 ? mutator.document(valid) : valid;
        String path = chat ? "/v1/chat/completions" : "/v1/messages";
        return new Framing(random)
                .message(
                        "POST " + path + " HTTP/1.1",
                        List.of("Host: localhost", "Content-Type: application/json"),
                        body);
    }

    private static byte[] response(Random random) {
        boolean stream = random.nextBoolean();
        List<byte[]> all = stream ? CORPUS.streams() : CORPUS.documents();
        Mutator mutator = new Mutator(random, all);
        byte[] valid = mutator.odd(all);
        byte[] body = random.nextInt(3) > 0 ? valid : stream ? mutator.stream(valid) : mutator.document(valid);
        String type = stream ? "text/event-stream" : "application/json";
        return new Framing(random).message("HTTP/1.1 200 OK", List.of("Content-Type: " + type), body);
    }

    /** What comes back until the gateway closes: after the request, the caller sends nothing any more. */
    private static String responses(byte[] request) {
        try (RawConnection caller = RawConnection.to(gateway.port())) {
            return caller.send(request).sendNoMore().readToEnd();
        }
    }
}
