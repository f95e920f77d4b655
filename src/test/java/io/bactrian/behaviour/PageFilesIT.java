package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.RawHttp;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The static files of the page, which need no key. */
final class PageFilesIT {
    private static final Pattern REFERENCE = Pattern.compile("(?:src|href)=\"(/page/[^\"]+)\"");

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "camel.server.host=127.0.0.1", "bactrian.server.keys=boss:key-of-boss")
            .openai("o");

    @Test
    void a_browser_gets_the_page_and_all_others_json() {
        Answer page = browse("/");
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.header("content-type")).isEqualTo("text/html; charset=utf-8");
        assertThat(page.header("vary")).contains("Accept");
        assertThat(page.text()).startsWith("<!doctype html>");
        for (String accept : List.of("*/*", "application/json")) {
            Answer json = gateway.get("/", "accept", accept);
            assertThat(json.header("content-type")).isEqualTo("application/json");
            assertThat(json.json().path("name").asText()).isEqualTo("Bactrian");
            assertThat(json.header("vary")).contains("Accept");
        }
    }

    private static Answer browse(String path, String... headers) {
        String[] all = new String[headers.length + 2];
        System.arraycopy(headers, 0, all, 2, headers.length);
        all[0] = "accept";
        all[1] = "text/html,application/xhtml+xml,*/*;q=0.8";
        return gateway.get(path, all);
    }

    @Test
    void every_file_that_the_page_names_is_there_and_may_be_kept_for_ever() {
        Matcher reference = REFERENCE.matcher(browse("/").text());
        int found = 0;
        while (reference.find()) {
            Answer file = gateway.get(reference.group(1));
            assertThat(file.status()).as(reference.group(1)).isEqualTo(200);
            assertThat(file.header("cache-control")).contains("immutable", "max-age=31536000");
            found++;
        }
        assertThat(found).isGreaterThan(1);
        assertThat(gateway.get("/favicon.svg").header("content-type")).isEqualTo("image/svg+xml");
    }

    @Test
    void every_file_has_a_strict_policy() {
        for (String path : List.of("/", "/favicon.svg")) {
            Answer answer = browse(path);
            assertThat(answer.header("content-security-policy"))
                    .contains(
                            "default-src 'none'",
                            "script-src 'self'",
                            "frame-ancestors 'none'",
                            "require-trusted-types-for 'script'")
                    .doesNotContain("unsafe");
            assertThat(answer.header("x-content-type-options")).isEqualTo("nosniff");
            assertThat(answer.header("referrer-policy")).isEqualTo("no-referrer");
            assertThat(answer.header("cache-control")).isEqualTo("no-cache");
        }
    }

    @Test
    void a_file_that_has_not_changed_is_not_sent_again() {
        String tag = gateway.get("/favicon.svg").header("etag");
        assertThat(tag).matches("\"[0-9a-f]{16}\"");
        Answer known = gateway.get("/favicon.svg", "if-none-match", tag);
        assertThat(known.status()).isEqualTo(304);
        assertThat(known.body()).isEmpty();
        assertThat(known.header("etag")).isEqualTo(tag);
        assertThat(gateway.get("/favicon.svg", "if-none-match", "\"other\"").status())
                .isEqualTo(200);
        assertThat(gateway.get("/favicon.svg", "accept-encoding", "gzip").header("etag"))
                .isNotEqualTo(tag);
    }

    @Test
    void head_has_the_headers_only() {
        for (String path : List.of("/", "/favicon.svg")) {
            RawHttp.Response head = RawHttp.send(gateway.port(), "HEAD " + path, List.of("accept: text/html"), "");
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.head()).containsIgnoringCase("content-length: ");
            assertThat(head.body()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/page/../application.properties",
                "/page/../page/../application.properties",
                "/page/%2e%2e/application.properties",
                "/page/..%2fapplication.properties",
                "/page/lib/..%2f..%2fapplication.properties",
                "/page/%2e%2e%2flogback.xml",
                "/page//etc/passwd",
                "/page/..\\application.properties",
                "/page/lib/",
                "/page/nothing.js",
                "/page/index.html",
                "/page/.hidden",
                "/page/",
                "/page"
            })
    void nothing_else_is_served(String path) {
        RawHttp.Response answer = RawHttp.send(gateway.port(), "GET " + path, List.of(), "");
        assertThat(answer.status()).isIn(400, 401, 404);
        assertThat(answer.body()).doesNotContain("bactrian.", "appender", "root:");
    }

    @Test
    void wrong_methods_are_told() {
        assertThat(gateway.post("/page/events", "", "x-api-key", "key-of-boss").header("allow"))
                .isEqualTo("GET, HEAD");
        assertThat(gateway.get("/page/events", "accept", "text/event-stream").status())
                .isEqualTo(401);
    }
}
