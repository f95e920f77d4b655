package io.bactrian.behaviour;

import static io.bactrian.behaviour.ChatErrors.assertError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.RawHttp;
import io.bactrian.testing.RawHttp.Response;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.Scene;
import io.bactrian.testing.StubProvider;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Admission of requests: by the keys of callers, and as many as may be in flight. */
final class AdmissionIT {
    private static final String CHAT = "/v1/chat/completions";
    private static final String MESSAGES = "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";
    private static final String GOOD = "{" + MESSAGES + "}";
    private static final List<String> JSON = List.of("content-type: application/json");

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.server.keys=one:first-key-1, two:second-key-2", "bactrian.server.max-body=1KB")
            .openai("p");

    @Test
    void keys_of_callers_are_asked_for_everywhere_but_at_health() {
        int port = gateway.port();
        for (String path : List.of("GET /v1/models", "GET /status", "GET /v1/nothing", "POST " + CHAT, "GET " + CHAT)) {
            for (String key : List.of(
                    "x-none: 1",
                    "authorization: Bearer wrong",
                    "authorization: Basic first-key-1",
                    "authorization: first-key-1",
                    "authorization: Bearer",
                    "x-api-key: wrong",
                    "x-api-key: first-key-1, second-key-2",
                    "x-api-key: FIRST-KEY-1")) {
                Response response = RawHttp.send(port, path, List.of("content-type: application/json", key), GOOD);
                if (path.endsWith("/models") && key.startsWith("x-api-key")) {
                    MessagesErrors.assertError(response, 401);
                } else {
                    assertError(response, 401, "invalid_api_key");
                }
                assertThat(response.head() + response.body()).doesNotContain("wrong", "first-key", "second-key");
            }
        }
        assertThat(gateway.stub("p").calls()).isEmpty();
        assertThat(gateway.get("/health/live").status()).isEqualTo(200);
        assertThat(gateway.get("/health/ready").status()).isEqualTo(200);
        assertThat(gateway.ask(Request.of("default").header("authorization", "Bearer first-key-1"))
                        .status())
                .isEqualTo(200);
        assertThat(gateway.ask(Request.of("default").header("authorization", "bearer  second-key-2"))
                        .status())
                .isEqualTo(200);
        assertThat(gateway.ask(Request.of("default").header("x-api-key", "second-key-2"))
                        .status())
                .isEqualTo(200);
        assertThat(gateway.get("/status", "x-api-key", "first-key-1").status()).isEqualTo(200);
    }

    @Test
    void a_wrong_key_is_told_before_the_body_is_looked_at() {
        assertError(RawHttp.send(gateway.port(), "POST " + CHAT, JSON, "not json"), 401, "invalid_api_key");
    }

    @Test
    void with_keys_every_interface_is_listened_on_and_without_only_the_own_machine() {
        assertThat(gateway.gateway().host()).isEqualTo("0.0.0.0");
        try (Scene open = Scene.with().openai("p").start()) {
            assertThat(open.gateway().host()).isEqualTo("127.0.0.1");
        }
    }

    @Test
    void too_many_requests_in_flight_are_a_503_for_a_second() {
        CountDownLatch released = new CountDownLatch(1);
        try (Scene small =
                Scene.with("bactrian.server.max-in-flight=2").openai("p").start()) {
            StubProvider p = small.stub("p").answers(Reply.text("slow").heldUntil(released));
            List<CompletableFuture<Answer>> inside = Stream.of(1, 2)
                    .map(i -> small.askInBackground(Request.of("default")))
                    .toList();
            await().until(() -> p.calls().size() == 2);

            Response refused = RawHttp.send(small.port(), "POST " + CHAT, JSON, GOOD);

            assertError(refused, 503, "too_many_requests");
            assertThat(refused.header("retry-after")).isEqualTo("1");
            released.countDown();
            assertThat(inside).allMatch(i -> i.join().status() == 200);
            p.answers(Reply.text("well"));
            // A place is free a moment after its answer has gone.
            await().until(() -> small.ask(Request.of("default")).status() == 200);
            for (int i = 0; i < 3; i++) {
                assertThat(RawHttp.send(small.port(), "POST " + CHAT, JSON, "not json")
                                .status())
                        .isEqualTo(400);
            }
            assertThat(small.ask(Request.of("default")).status()).isEqualTo(200);
        }
    }
}
