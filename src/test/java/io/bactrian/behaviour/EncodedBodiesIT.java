package io.bactrian.behaviour;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Request;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests whose bodies are compressed. */
final class EncodedBodiesIT {
    private static final String HEADER = "content-encoding";

    @RegisterExtension
    static final GatewayExtension gateway =
            GatewayExtension.with("bactrian.server.max-body=1MB").openai("o").anthropic("a");

    @ParameterizedTest
    @EnumSource(Caller.class)
    void compressed_request_is_answered_as_any_other(Caller caller) {
        for (boolean stream : new boolean[] {false, true}) {
            for (String model : new String[] {"o/m", "a/m"}) {
                byte[] body = Request.of(model).by(caller).stream(stream).body().getBytes(UTF_8);

                assertAnswered(caller, gateway.gateway().post(caller.path(), gzip(body), HEADER, "gzip"));
                assertAnswered(caller, gateway.gateway().post(caller.path(), deflate(body), HEADER, "deflate"));
                assertAnswered(
                        caller,
                        gateway.gateway().post(caller.path(), gzip(deflate(body)), HEADER, "identity, deflate, gzip"));
            }
        }
        assertThat(gateway.stub("o").calls())
                .allSatisfy(call -> assertThat(call.header(HEADER)).isNull())
                .allSatisfy(call -> assertThat(call.json().path("messages")).hasSize(1));
    }

    private static void assertAnswered(Caller caller, Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(caller.words(answer)).isEqualTo("Hello from the stub.");
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void unknown_encoding_is_a_415_that_names_those_that_are_accepted(Caller caller) {
        Answer answer = gateway.gateway().post(caller.path(), new byte[] {11, 2, -128}, HEADER, "br");

        assertThat(answer.status()).isEqualTo(415);
        assertThat(answer.header("accept-encoding")).isEqualTo("gzip, deflate");
        assertThat(caller.error(answer).path("message").asText()).contains("'br'", "gzip or deflate");
        assertThat(caller.error(answer).path("type").asText()).isEqualTo("invalid_request_error");
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void body_that_cannot_be_decoded_is_a_400_that_says_so(Caller caller) {
        byte[] body = Request.of("o/m").by(caller).body().getBytes(UTF_8);

        Answer answer = gateway.gateway().post(caller.path(), body, HEADER, "gzip");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(caller.error(answer).path("message").asText()).contains("cannot be decoded", "gzip");
        assertThat(answer.text()).doesNotContain("JSON");
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void body_that_is_too_large_once_it_is_decoded_is_a_413(Caller caller) {
        Answer answer = gateway.gateway().post(caller.path(), gzip(new byte[200 << 20]), HEADER, "gzip");

        assertThat(answer.status()).isEqualTo(413);
        assertThat(caller.error(answer).path("message").asText()).contains("too large");
    }

    private static byte[] gzip(byte[] body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static byte[] deflate(byte[] body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream deflate = new DeflaterOutputStream(out)) {
            deflate.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
