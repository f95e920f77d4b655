package io.bactrian.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.protocol.RequestRejected;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RequestFramingTest {
    private static final String NEXT = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";

    /** What a connection let through, and what was wrong then. */
    private record Passed(String text, @Nullable RequestRejected fault, RequestFraming framing) {
        int status() {
            return fault == null ? 200 : fault.status();
        }
    }

    /** Sends bytes in pieces of a size, and keeps what was not good, as a connection does. */
    private static Passed pass(String sent, int piece) {
        RequestFraming framing = new RequestFraming();
        byte[] bytes = sent.getBytes(StandardCharsets.ISO_8859_1);
        ByteBuf held = Unpooled.buffer();
        StringBuilder passed = new StringBuilder();
        for (int i = 0; i < bytes.length; i += piece) {
            held.writeBytes(bytes, i, Math.min(piece, bytes.length - i));
            int good;
            do {
                good = framing.good(held);
                passed.append(held.readCharSequence(good, StandardCharsets.ISO_8859_1));
            } while (good > 0 && framing.fault() == null && held.isReadable());
            if (framing.fault() != null) {
                break;
            }
        }
        return new Passed(passed.toString(), framing.fault(), framing);
    }

    static Stream<String> good() {
        String post = "POST /v1/chat/completions HTTP/1.1\r\nHost: a:8080\r\n";
        return Stream.of(
                "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET / HTTP/1.0\r\n\r\n",
                "GET http://a/x?y HTTP/1.1\r\nhost: A\r\n\r\n",
                "OPTIONS * HTTP/1.1\r\nhost:\r\n\r\n",
                "\r\n\r\nGET / HTTP/1.1\r\nHost: [::1]:8080\r\nX: a\tb \u00e9\r\n\r\n",
                post + "Content-Length: 3\r\n\r\n\r\n\n",
                post + "content-length:0\r\n\r\n",
                post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
                post + "transfer-encoding:CHUNKED\r\n\r\nA;x=\"y z\"\r\n0123456789\r\n00\r\nx-trailer: 1\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}");
    }

    @ParameterizedTest
    @MethodSource("good")
    void a_request_passes_as_it_is_however_it_is_cut(String request) {
        for (int piece : new int[] {1, 2, 3, 7, 10_000}) {
            Passed passed = pass(request + NEXT, piece);
            assertThat(passed.fault()).as("%s", piece).isNull();
            assertThat(passed.text()).isEqualTo(request + NEXT);
            assertThat(passed.framing().heads()).isEqualTo(2);
            assertThat(passed.framing().inBody()).isFalse();
            assertThat(passed.framing().inHead()).isFalse();
        }
    }

    static Stream<String> headers() {
        return Stream.of(
                "Content-Length: 3\r\nTransfer-Encoding: chunked",
                "Transfer-Encoding: chunked\r\nContent-Length: 3",
                "Transfer-Encoding: chunked, identity",
                "Transfer-Encoding: identity, chunked",
                "Transfer-Encoding: identity",
                "Transfer-Encoding: xchunked",
                "Transfer-Encoding: chunkedx",
                "Transfer-Encoding: \"chunked\"",
                "Transfer-Encoding: chunked;q=1",
                "Transfer-Encoding:\tchunked",
                "Transfer-Encoding:  chunked",
                "Transfer-Encoding:\u000bchunked",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
                "Transfer-Encoding:",
                "Transfer-Encoding : chunked",
                " Transfer-Encoding: chunked",
                "X: y\r\n Transfer-Encoding: chunked",
                "X: y\r\n\tfolded",
                "X:\r\n folded",
                "Transfer-Encoding\u0000: chunked",
                "X: y\nTransfer-Encoding: chunked",
                "X: y\rTransfer-Encoding: chunked",
                "Content-Length: 3\r\nContent-Length: 4",
                "Content-Length: 3\r\nContent-Length: 3",
                "Content-Length: 3, 3",
                "Content-Length: +3",
                "Content-Length: -3",
                "Content-Length: 0x3",
                "Content-Length: 3 3",
                "Content-Length: 3a",
                "Content-Length:",
                "Content-Length: 99999999999999999999",
                "Content-Length : 3",
                "Content Length: 3",
                "no colon",
                ": no name",
                "Host: a",
                "Host: b",
                "X: a\u0000b",
                "X: a\u007fb");
    }

    @ParameterizedTest
    @MethodSource("headers")
    void a_head_that_two_servers_could_understand_differently_is_refused_with_all_that_follows(String lines) {
        for (int piece : new int[] {1, 5, 10_000}) {
            String head = "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n\r\n";
            Passed passed = pass(NEXT + head + "0\r\n\r\n" + NEXT, piece);
            assertThat(passed.status()).isEqualTo(400);
            assertThat(passed.text()).isEqualTo(NEXT);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n\r\n",
                "GET / HTTP/1.1\nHost: a\n\n",
                "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n",
                "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET a HTTP/1.1\r\nHost: a\r\n\r\n",
                "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
                "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET / http/1.1\r\nHost: a\r\n\r\n",
                "GET / HTTP/1.10\r\nHost: a\r\n\r\n",
                "GET / HTTP/1,1\r\nHost: a\r\n\r\n",
                "GET /\r\nHost: a\r\n\r\n",
                "G\u0000T / HTTP/1.1\r\nHost: a\r\n\r\n",
                "\u0016\u0003\u0001",
                " GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                "\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
                "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            })
    void a_malformed_head_is_refused(String head) {
        assertThat(pass(head, 1).status()).isEqualTo(400);
        assertThat(pass(head, 10_000).status()).isEqualTo(400);
        assertThat(pass(head, 10_000).text()).isIn("", "\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "+3\r\nabc\r\n0\r\n\r\n",
                "-3\r\nabc\r\n0\r\n\r\n",
                "0x3\r\nabc\r\n0\r\n\r\n",
                " 3\r\nabc\r\n0\r\n\r\n",
                "3 \r\nabc\r\n0\r\n\r\n",
                "3\nabc\r\n0\r\n\r\n",
                "3\r\nabcd\r\n0\r\n\r\n",
                "3\r\nabc\n0\r\n\r\n",
                "\r\nabc\r\n0\r\n\r\n",
                "3;a\u0000\r\nabc\r\n0\r\n\r\n",
                "3;a\rb\r\nabc\r\n0\r\n\r\n",
                "123456789\r\nabc\r\n0\r\n\r\n",
                "0\r\ncontent-length: 5\r\n\r\n",
                "0\r\n folded\r\n\r\n"
            })
    void malformed_chunks_are_refused(String chunks) {
        String head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        assertThat(pass(head + chunks + NEXT, 1).status()).isEqualTo(400);
        Passed passed = pass(head + chunks + NEXT, 10_000);
        assertThat(passed.status()).isEqualTo(400);
        assertThat(passed.text()).startsWith(head).doesNotContain("/next");
        assertThat(passed.framing().inBody()).isTrue();
    }

    @Test
    void what_is_too_large_is_refused_before_it_has_ended() {
        String host = "GET / HTTP/1.1\r\nHost: a\r\n";
        assertThat(pass("GET /" + "a".repeat(5_000), 100).status()).isEqualTo(414);
        assertThat(pass(host + "X: " + "a".repeat(17_000), 100).status()).isEqualTo(431);
        assertThat(pass(host + ("X: " + "a".repeat(100) + "\r\n").repeat(200), 100)
                        .status())
                .isEqualTo(431);
        assertThat(pass(host + "X: a\r\n".repeat(200), 100).status()).isEqualTo(431);
        String chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        assertThat(pass(chunked + "1;" + "a".repeat(400), 100).status()).isEqualTo(400);
        assertThat(pass(chunked + "0\r\n" + "X: a\r\n".repeat(200), 100).status())
                .isEqualTo(431);
        assertThat(pass(host + "X: " + "a".repeat(8_000) + "\r\n\r\n", 100).status())
                .isEqualTo(200);
    }

    @Test
    void other_versions_are_told_apart() {
        assertThat(pass("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 1).status()).isEqualTo(505);
        assertThat(pass("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", 1).status()).isEqualTo(505);
    }

    @Test
    void http_2_begins_with_its_preface_at_the_start_or_after_a_request_that_asks_for_it() {
        String preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
        String upgrade = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n";
        for (int piece : new int[] {1, 10_000}) {
            assertThat(pass(preface + "frames", piece).framing().isHttp2()).isTrue();
            assertThat(pass(preface + "frames", piece).text()).isEqualTo(preface + "frames");
            assertThat(pass(upgrade + preface + "frames", piece).framing().isHttp2())
                    .isTrue();
            assertThat(pass(NEXT + preface, piece).status()).isEqualTo(505);
            assertThat(pass(NEXT + upgrade + preface, piece).status()).isEqualTo(505);
        }
    }
}
