package io.bactrian.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.page.Sessions;
import io.bactrian.protocol.RequestRejected;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AdmissionTest {
    private final Admission admission = new Admission(
            Map.of("secret-1", "ann", "secret-2", "bob"), 10, new InFlightLimit(), new Sessions(Clock.systemUTC()));

    @ParameterizedTest
    @CsvSource({
        "Bearer secret-1, , ann",
        "bearer  secret-2, , bob",
        ", secret-2, bob",
        "Bearer of-another-service, secret-1, ann",
        "Bearer secret-2, of-another-service, bob",
        "Bearer secret-2, secret-1, ann"
    })
    void a_caller_is_known_by_the_name_of_its_key(String authorization, String apiKey, String name) {
        assertThat(admission.check(authorization, apiKey)).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource({
        ", ",
        "Bearer secret-3, ",
        "Bearer secret-, secret-11",
        "secret-1, ",
        "Basic secret-1, ",
        ", ann",
        "Bearer ann, ''"
    })
    void other_keys_are_rejected(String authorization, String apiKey) {
        assertThatThrownBy(() -> admission.check(authorization, apiKey))
                .isInstanceOfSatisfying(RequestRejected.class, rejected -> assertThat(rejected.status())
                        .isEqualTo(401));
    }

    @Test
    void without_keys_every_caller_is_admitted_without_a_name() {
        assertThat(new Admission(Map.of(), 10, new InFlightLimit(), new Sessions(Clock.systemUTC()))
                        .check("Bearer secret-1", null))
                .isEmpty();
    }

    @Test
    void one_of_several_callers_leaves_a_quarter_of_the_places_to_the_others() {
        for (int i = 0; i < 8; i++) {
            assertThat(admission.enter("openai", "ann")).isTrue();
        }
        assertThat(admission.enter("openai", "ann")).isFalse();
        assertThat(admission.enter("openai", "bob")).isTrue();
        assertThat(admission.inFlight()).isEqualTo(9);

        admission.leave("openai", "ann");
        assertThat(admission.enter("openai", "ann")).isTrue();
    }
}
