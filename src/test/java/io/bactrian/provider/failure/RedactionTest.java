package io.bactrian.provider.failure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedactionTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sk-proj-abcdEFGH12345678",
                "sk-ant-api03-abcdEFGH12345678",
                "sk-abcd********************wxyz",
                "gsk_abcdEFGH12345678",
                "AIzaSyA1234567890abcdefghij",
                "org-AbCdEfGh12345678",
                "proj_AbCdEfGh12345678",
                "0123456789abcdef0123456789abcdef",
                "00000000-0000-0000-0000-00000000000a",
                "eyJhbGciOiJIUzI1NiJ9eyJzdWIiOiIxMjM0NTY3ODkwIn0",
                "q83vEjRWeJq83vEjRWeJq83vEjRWeJq83vEjRWeJ+/=="
            })
    void whatever_looks_like_a_secret_is_masked(String secret) {
        assertThat(Redaction.oneLine("Incorrect key provided: " + secret + ". Sorry."))
                .startsWith("Incorrect key provided: ***")
                .endsWith("Sorry.")
                .doesNotContain(secret.substring(4));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization: Bearer abc.def-ghi_123",
                "bearer abc.def-ghi_123",
                "{\"api_key\": \"abc.def-ghi_123\"}",
                "x-api-key=abc.def-ghi_123",
                "http://me:abc.def-ghi_123@host/path"
            })
    void the_value_of_a_credential_is_masked(String text) {
        assertThat(Redaction.secrets(text)).contains("***").doesNotContain("abc.def");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "The model `meta-llama/llama-4-maverick-17b-128e-instruct` does not exist",
                "deepseek-r1-distill-qwen-32b-q4_k_m",
                "Invalid 'messages[2].tool_calls[0].id': string too long",
                "quota GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
                "max_tokens: 16000 > 8192, which is the maximum",
                "skeleton, forwarded, org-wide, project",
                "tool_use ids without result: toolu_01EgkyMSUE7kWq9aPLHycqgz"
            })
    void ordinary_words_stay(String text) {
        assertThat(Redaction.oneLine(text)).isEqualTo(text);
    }

    @Test
    void the_text_is_one_line_without_markup() {
        assertThat(Redaction.oneLine(" a\r\nb\t<b class=\"x\">c</b>\u0000\u2028d\u200be "))
                .isEqualTo("a b c d e");
        assertThat(Redaction.oneLine("<!DOCTYPE html><p>hello")).isEmpty();
        assertThat(Redaction.oneLine(null)).isEmpty();
    }

    @Test
    void the_text_is_short_and_no_character_is_halved() {
        assertThat(Redaction.oneLine("ab ".repeat(1000)))
                .hasSizeLessThanOrEqualTo(300)
                .endsWith("…");
        assertThat(Redaction.oneLine("😀😀😀", 4)).isEqualTo("😀…");
        assertThat(Redaction.oneLine("😀😀", 4)).isEqualTo("😀😀");
    }

    @Test
    void a_secret_at_the_cut_is_masked_as_well() {
        assertThat(Redaction.oneLine("x ".repeat(145) + "sk-proj-abcdEFGH12345678"))
                .doesNotContain("sk-proj");
    }
}
