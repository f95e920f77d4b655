package io.bactrian.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The reason for which a whole answer ended, from fields of every type. */
final class FinishFailuresTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"r\":\"length\"} | length",
                "{}                 | stop",
                "{\"r\":null}       | ''",
                "{\"r\":\"null\"}   | ''",
                "{\"r\":false}      | ''",
                "{\"r\":7}          | ''",
                "{\"r\":[]}         | ''"
            })
    void only_a_word_is_a_reason(String document, String reason) throws Exception {
        assertThat(FinishFailures.ofDocument(Json.MAPPER.readTree(document).path("r")))
                .isEqualTo(reason);
    }
}
