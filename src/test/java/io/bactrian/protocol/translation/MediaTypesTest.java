package io.bactrian.protocol.translation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MediaTypesTest {

    @ParameterizedTest
    @CsvSource({
        "image/jpg, image/jpeg",
        "image/JPG, image/jpeg",
        "IMAGE/JPEG, image/jpeg",
        "image/pjpeg, image/jpeg",
        "image/jfif, image/jpeg",
        "image/x-png, image/png",
        "' image/png ', image/png",
        "image/png;charset=utf-8, image/png",
        "image/webp; q=1, image/webp",
        "application/x-pdf, application/pdf",
        "image/bmp, image/bmp",
        "'', ''"
    })
    void a_media_type_has_its_usual_name(String written, String usual) {
        assertThat(MediaTypes.of(written, "AAAA")).isEqualTo(usual);
    }

    @ParameterizedTest
    @CsvSource({
        "89504e470d0a1a0a0000000d, image/png",
        "ffd8ffe000104a464946, image/jpeg",
        "ffd8ffe1, image/jpeg",
        "474946383761, image/gif",
        "474946383961010001, image/gif",
        "52494646241000005745425056503820, image/webp",
        "255044462d312e37, application/pdf",
        "52494646241000005741564566, ''",
        "52494646, ''",
        "424d, ''",
        "'', ''"
    })
    void the_first_bytes_tell_the_format(String hex, String type) {
        assertThat(MediaTypes.ofBytes(base64(hex))).isEqualTo(type);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "image/png", "image/*", "application/octet-stream", "binary/octet-stream", "jpeg"})
    void they_count_more_than_the_name(String written) {
        assertThat(MediaTypes.of(written, base64("ffd8ffe000104a464946"))).isEqualTo("image/jpeg");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data:image/png;base64,iVBORw0KGgo=",
                "DATA:IMAGE/PNG;BASE64,iVBORw0KGgo=",
                "data:image/png; base64,iVBORw0KGgo=",
                "data:image/png;base64, iVBORw0KGgo=",
                "data:image/png;charset=utf-8;base64,iVBORw0KGgo=",
                "data:image/png;base64,iVBORw\r\n0KGgo=",
                "data:;base64,iVBORw0KGgo=",
                "data:base64,iVBORw0KGgo=",
                "data:image/jpg;base64,iVBORw0KGgo="
            })
    void a_data_url_is_read_however_it_is_written(String url) {
        assertThat(DataUrl.parse(url)).isEqualTo(new DataUrl("image/png", "iVBORw0KGgo="));
    }

    @Test
    void data_in_the_alphabet_of_web_addresses_gets_the_usual_one() {
        assertThat(DataUrl.parse("data:image/gif;base64,ab-_")).isEqualTo(new DataUrl("image/gif", "ab+/"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"https://x/y.png", "data:image/png,raw", "data:,text", "data:image/png;base64", "base64,AA"})
    void any_other_url_is_not_one(String url) {
        assertThat(DataUrl.parse(url)).isNull();
    }

    @Test
    void bare_data_is_a_file_if_its_first_bytes_are_known() {
        assertThat(DataUrl.bare("/9j/4AAQ")).isEqualTo(new DataUrl("image/jpeg", "/9j/4AAQ"));
        assertThat(DataUrl.bare("ftp://x")).isNull();
        assertThat(DataUrl.bare("")).isNull();
    }

    private static String base64(String hex) {
        return Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hex));
    }
}
