package io.bactrian.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bactrian.protocol.RequestRejected;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BodyDecoderTest {
    private static final int LIMIT = 100_000;
    private static final byte[] BODY = "{\"model\":\"m\",\"messages\":[]}".getBytes(UTF_8);

    private final BodyDecoder decoder = new BodyDecoder(LIMIT);

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "x-gzip", "GZIP", " gzip ", "identity, gzip", "gzip,", "Gzip, Identity"})
    void gzip_is_decoded_however_it_is_written(String header) {
        assertThat(decoder.decode(gzip(BODY), BodyDecoder.encodings(List.of(header)), bytes -> true))
                .isEqualTo(BODY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"identity", "", " ", "identity, identity"})
    void no_encoding_leaves_the_body_alone(String header) {
        assertThat(decoder.decode(BODY, BodyDecoder.encodings(List.of(header)), bytes -> true))
                .isSameAs(BODY);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void deflate_is_decoded_with_its_header_and_without(boolean wrapped) {
        assertThat(decode(deflate(BODY, wrapped), "deflate")).isEqualTo(BODY);
    }

    @Test
    void several_encodings_are_undone_from_the_last_to_the_first() {
        assertThat(decode(gzip(deflate(BODY, true)), "deflate", "gzip")).isEqualTo(BODY);
        assertThat(decode(deflate(gzip(BODY), true), "gzip, deflate")).isEqualTo(BODY);
        assertThat(decode(gzip(gzip(gzip(BODY))), "gzip, gzip", "gzip")).isEqualTo(BODY);
    }

    @Test
    void gzip_in_several_members_is_one_body() throws IOException {
        ByteArrayOutputStream members = new ByteArrayOutputStream();
        members.write(gzip(Arrays.copyOf(BODY, 5)));
        members.write(gzip(Arrays.copyOfRange(BODY, 5, BODY.length)));

        assertThat(decode(members.toByteArray(), "gzip")).isEqualTo(BODY);
    }

    @Test
    void an_empty_body_stays_empty() {
        assertThat(decode(new byte[0], "gzip")).isEmpty();
        assertThat(decode(gzip(new byte[0]), "gzip")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"br, br", "zstd, zstd", "compress, compress", "'gzip, br', br", "chunked, chunked", "gzip2, gzip2"})
    void another_encoding_is_a_415_that_names_those_that_are_accepted(String header, String named) {
        assertThatExceptionOfType(RequestRejected.class)
                .isThrownBy(() -> BodyDecoder.encodings(List.of(header)))
                .returns(415, RequestRejected::status)
                .returns(BodyDecoder.UNSUPPORTED, RequestRejected::code)
                .withMessageContaining("'" + named + "'")
                .withMessageContaining("gzip or deflate");
    }

    @Test
    void endless_encodings_are_a_415() {
        assertThatExceptionOfType(RequestRejected.class)
                .isThrownBy(() -> BodyDecoder.encodings(List.of("gzip,".repeat(4))))
                .returns(415, RequestRejected::status);
    }

    @Test
    void a_body_that_is_not_what_its_header_says_is_a_400_that_says_so() {
        byte[] whole = gzip(BODY);
        byte[] damaged = whole.clone();
        damaged[whole.length - 6] ^= 1;

        assertBroken(BODY, "gzip");
        assertBroken(BODY, "deflate");
        assertBroken(Arrays.copyOf(whole, whole.length - 9), "gzip");
        assertBroken(Arrays.copyOf(whole, 6), "gzip");
        assertBroken(damaged, "gzip");
        assertBroken(Arrays.copyOf(deflate(BODY, true), 9), "deflate");
        assertBroken(deflate(BODY, true), "gzip");
        assertBroken(whole, "gzip, gzip");
    }

    private void assertBroken(byte[] body, String encoding) {
        assertThatExceptionOfType(RequestRejected.class)
                .isThrownBy(() -> decode(body, encoding))
                .returns(400, RequestRejected::status)
                .withMessageContaining("cannot be decoded")
                .withMessageNotContaining("JSON");
    }

    @Test
    void a_body_of_the_limit_is_read_and_one_byte_more_is_not() {
        byte[] largest = new byte[LIMIT];

        assertThat(decode(gzip(largest), "gzip")).hasSize(LIMIT);
        assertTooLarge(gzip(new byte[LIMIT + 1]), "gzip");
        assertTooLarge(deflate(new byte[LIMIT + 1], false), "deflate");
    }

    @Test
    void a_bomb_is_cut_off_at_the_limit_in_whichever_layer_it_is() {
        byte[] bomb = gzip(new byte[50 << 20]);

        assertTooLarge(bomb, "gzip");
        assertTooLarge(gzip(bomb), "gzip, gzip");
    }

    private void assertTooLarge(byte[] body, String encoding) {
        assertThatExceptionOfType(RequestRejected.class)
                .isThrownBy(() -> decode(body, encoding))
                .returns(413, RequestRejected::status)
                .returns("request_too_large", RequestRejected::code);
    }

    @Property(tries = 200)
    void any_body_comes_out_as_it_went_in(@ForAll @Size(max = 5_000) byte[] body, @ForAll long seed) {
        Random random = new Random(seed);
        BodyDecoder any = new BodyDecoder(LIMIT);
        byte[] encoded = body;
        StringBuilder header = new StringBuilder("identity");
        for (int i = random.nextInt(3); i >= 0; i--) {
            boolean gzip = random.nextBoolean();
            encoded = gzip ? gzip(encoded) : deflate(encoded, true);
            header.append(gzip ? ", gzip" : ", deflate");
        }

        assertThat(any.decode(encoded, BodyDecoder.encodings(List.of(header.toString())), bytes -> true))
                .isEqualTo(body);
    }

    private byte[] decode(byte[] body, String... headers) {
        return decoder.decode(body, BodyDecoder.encodings(List.of(headers)), bytes -> true);
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

    private static byte[] deflate(byte[] body, boolean wrapped) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream deflate = new DeflaterOutputStream(out, new Deflater(6, !wrapped))) {
            deflate.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
