package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Gateway;
import io.bactrian.testing.StubProvider;
import java.util.List;
import org.junit.jupiter.api.Test;

/** HTTP routes of a user's own beside the built-in ones, where callers need a key. */
final class ForeignRoutesIT {
    private static final String ROUTES = """
            - route:
                from:
                  uri: "platform-http:/own/{name}"
                  steps:
                    - setBody:
                        simple: "own ${body}"
            - route:
                from:
                  uri: platform-http:/below
                  parameters:
                    matchOnUriPrefix: true
                  steps:
                    - setBody:
                        constant: below
            - route:
                from:
                  uri: platform-http:/hooks
                  parameters:
                    matchOnUriPrefix: true
                  steps:
                    - setBody:
                        constant: hook
            - route:
                from:
                  uri: platform-http:/free
                  steps:
                    - setBody:
                        constant: free
            - rest:
                path: /rest
                get:
                  - path: /{id}
                    to: direct:rest
            - route:
                from:
                  uri: direct:rest
                  steps:
                    - setBody:
                        constant: rest
            """;

    @Test
    void they_need_a_key_unless_their_path_is_public() {
        try (StubProvider p = StubProvider.openai();
                StubProvider f = StubProvider.openai();
                OwnRoutes own = OwnRoutes.with(
                        p,
                        f,
                        "bactrian.server.keys=one:first-key-1",
                        "camel.server.host=127.0.0.1",
                        "bactrian.server.public=/hooks/*, /free")) {
            own.file("mine.camel.yaml", ROUTES).start();
            Gateway gateway = own.gateway();
            for (String path : List.of(
                    "/own/x",
                    "/own/x/",
                    "/OWN/x",
                    "/%6fwn/x",
                    "/hooks/../own/x",
                    "/hooks/%2e%2e/own/x",
                    "//own/x",
                    "/below",
                    "/below/a/b",
                    "/rest/1")) {
                assertThat(gateway.get(path).status()).as(path).isEqualTo(401);
                assertThat(gateway.get(path, "x-api-key", "wrong").status())
                        .as(path)
                        .isEqualTo(401);
                assertThat(gateway.post(path, "body").status()).as(path).isEqualTo(401);
            }
            for (String path : List.of("/own/x", "/below/a", "/rest/1")) {
                assertThat(gateway.get(path, "x-api-key", "first-key-1").status())
                        .as(path)
                        .isEqualTo(200);
            }
            assertThat(gateway.post("/own/x", "body", "x-api-key", "first-key-1")
                            .text())
                    .isEqualTo("own body");
            assertThat(gateway.get("/hooks/a").text()).isEqualTo("hook");
            assertThat(gateway.get("/free").text()).isEqualTo("free");
            assertThat(gateway.get("/free/more").status()).isEqualTo(401);
            assertThat(gateway.get("/health/live").status()).isEqualTo(200);
            assertThat(gateway.get("/").status()).isEqualTo(200);
            assertThat(gateway.ask("x-api-key", "first-key-1").status()).isEqualTo(200);
        }
    }

    @Test
    void without_keys_they_are_as_open_as_the_gateway() {
        try (StubProvider p = StubProvider.openai();
                StubProvider f = StubProvider.openai();
                OwnRoutes own = OwnRoutes.with(p, f)) {
            own.file("mine.camel.yaml", ROUTES).start();
            assertThat(own.gateway().get("/own/x").status()).isEqualTo(200);
            assertThat(own.gateway()
                            .get("/own/x", "origin", "https://evil.example")
                            .status())
                    .isEqualTo(403);
        }
    }
}
