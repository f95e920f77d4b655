package io.bactrian.tryout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TryoutOptionsTest {

    @Test
    void nothing_given_is_a_hundred_requests_to_the_default_chain() {
        assertThat(parse("--try-queue")).isEqualTo(new TryoutOptions(100, null, 0, Duration.ofMinutes(2)));
    }

    @Test
    void every_option_is_read() {
        assertThat(parse("--try-queue 1000 --chain cheap --rate 0.5 --patience 30"))
                .isEqualTo(new TryoutOptions(1000, "cheap", 0.5, Duration.ofSeconds(30)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --try-queue 0            | the number of requests is a whole number from 1 to 1000000, not 0
            --try-queue 1.5          | the number of requests is a whole number from 1 to 1000000, not 1.5
            --try-queue many         | the number of requests is a whole number from 1 to 1000000, not many
            --try-queue --rate fast  | --rate is a number from 0.01 to 100000, not fast
            --try-queue --rate NaN   | --rate is a number from 0.01 to 100000, not NaN
            --try-queue --patience 0 | --patience is a whole number from 1 to 86400, not 0
            --try-queue 10 --chain   | --chain needs a value
            --try-queue 10 --speed 1 | there is no option --speed
            """)
    void a_mistake_names_what_would_be_right(String arguments, String message) {
        assertThatIllegalArgumentException().isThrownBy(() -> parse(arguments)).withMessage(message);
    }

    private static TryoutOptions parse(String arguments) {
        return TryoutOptions.parse(List.of(arguments.split(" ")));
    }
}
