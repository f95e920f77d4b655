package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.RawConnection;
import io.bactrian.testing.RawHttp;
import io.bactrian.testing.RawHttp.Response;
import io.bactrian.testing.Scene;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that a page of another site makes a browser send to a gateway without keys. */
final class PagesFromElsewhereIT {
    private static final String GOOD = "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
    private static final String CHAT = "/v1/chat/completions";

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.server.hosts=llm.example, *.inside.example", "bactrian.server.cors=https://app.example")
            .openai("p");

    private static String toHost(String line, String host) {
        try (RawConnection connection = RawConnection.to(gateway.port())) {
            return connection
                    .send(line + " HTTP/1.1\r\nHost: " + host + "\r\nContent-Type: application/json\r\nContent-Length: "
                            + GOOD.length() + "\r\nConnection: close\r\n\r\n" + GOOD)
                    .readToEnd();
        }
    }

    private static Response post(String path, String... headers) {
        return RawHttp.send(gateway.port(), "POST " + path, List.of(headers), GOOD);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "LOCALHOST:1",
                "localhost.",
                "app.localhost:8080",
                "127.0.0.1",
                "127.1.2.3:80",
                "[::1]:8080",
                "[::1]",
                "[::ffff:127.0.0.1]",
                "llm.example",
                "LLM.example.:443",
                "a.inside.example"
            })
    void names_of_this_machine_and_of_the_configuration_are_hosts(String host) {
        assertThat(toHost("POST " + CHAT, host)).startsWith("HTTP/1.1 200 ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "localhost.evil.example",
                "evil-localhost",
                "127.0.0.1.evil.example",
                "1.2.3.4",
                "[2001:db8::1]:80",
                "0x7f.1",
                "inside.example.evil",
                "xinside.example",
                "llm.example.evil"
            })
    void other_hosts_are_refused_everywhere_but_at_health(String host) {
        for (String line :
                List.of("POST " + CHAT, "GET /status", "GET /", "POST /admin/targets/p/open", "GET /nothing")) {
            assertThat(toHost(line, host)).startsWith("HTTP/1.1 403 ").contains("host_not_allowed");
        }
        assertThat(toHost("POST http://" + host + CHAT, "localhost")).startsWith("HTTP/1.1 400 ");
        assertThat(toHost("POST http://" + host + CHAT, host)).contains("host_not_allowed");
        assertThat(toHost("POST /v1/messages", host)).contains("\"type\":\"error\"", "permission_error");
        assertThat(toHost("GET /health/live", host)).startsWith("HTTP/1.1 200 ");
        assertThat(toHost("HEAD /health/ready", host)).startsWith("HTTP/1.1 200 ");
        assertThat(gateway.stub("p").calls()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "origin: https://evil.example",
                "origin: null",
                "origin: http://localhost:1",
                "origin: http://localhost.evil.example",
                "origin: https://app.example.evil",
                "sec-fetch-site: cross-site"
            })
    void pages_of_other_origins_are_refused_everywhere(String header) {
        for (String path : List.of(CHAT, "/v1/messages", "/admin/targets/p/open", "/page/logout", "/nothing")) {
            Response refused = post(path, header, "content-type: text/plain");
            assertThat(refused.status()).as(path).isEqualTo(403);
        }
        for (String line :
                List.of("GET /status", "GET /v1/models", "GET /metrics", "DELETE /status", "GET /page/events")) {
            Response refused = RawHttp.send(gateway.port(), line, List.of(header), "");
            assertThat(refused.status()).as(line).isEqualTo(403);
            assertThat(refused.body()).contains("origin_not_allowed");
        }
        assertThat(gateway.stub("p").calls()).isEmpty();
    }

    @Test
    void the_page_itself_origins_of_the_configuration_and_programs_may_call() {
        String json = "content-type: application/json";
        assertThat(post(CHAT, json).status()).isEqualTo(200);
        assertThat(post(CHAT, json, "origin: http://localhost").status()).isEqualTo(200);
        assertThat(post(CHAT, json, "origin: http://localhost", "sec-fetch-site: same-origin")
                        .status())
                .isEqualTo(200);
        assertThat(post(CHAT, json, "origin: https://app.example", "sec-fetch-site: cross-site")
                        .status())
                .isEqualTo(200);
        assertThat(RawHttp.send(
                                gateway.port(),
                                "GET /",
                                List.of(
                                        "sec-fetch-site: cross-site",
                                        "sec-fetch-mode: navigate",
                                        "sec-fetch-dest: document"),
                                "")
                        .status())
                .isEqualTo(200);
        assertThat(RawHttp.send(gateway.port(), "GET /", List.of("sec-fetch-site: cross-site"), "")
                        .status())
                .isEqualTo(403);
    }

    @Test
    void with_keys_any_name_and_any_origin_may_call_with_a_key() {
        try (Scene guarded =
                Scene.with("bactrian.server.keys=one:first-key-1").openai("p").start()) {
            String head = "POST " + CHAT + " HTTP/1.1\r\nHost: llm.other\r\nOrigin: https://evil.example\r\n"
                    + "Content-Type: application/json\r\nConnection: close\r\nContent-Length: " + GOOD.length()
                    + "\r\n";
            try (RawConnection caller = RawConnection.to(guarded.port());
                    RawConnection page = RawConnection.to(guarded.port());
                    RawConnection probe = RawConnection.to(guarded.port())) {
                assertThat(caller.send(head + "X-Api-Key: first-key-1\r\n\r\n" + GOOD)
                                .readToEnd())
                        .startsWith("HTTP/1.1 200 ");
                assertThat(page.send(head + "\r\n" + GOOD).readToEnd()).startsWith("HTTP/1.1 401 ");
                assertThat(probe.send("HEAD /health/live HTTP/1.1\r\nHost: 10.0.0.7:8080\r\nConnection: close\r\n\r\n")
                                .readToEnd())
                        .startsWith("HTTP/1.1 200 ");
            }
        }
    }
}
