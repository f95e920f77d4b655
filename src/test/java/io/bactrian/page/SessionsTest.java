package io.bactrian.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.VirtualClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.Test;

final class SessionsTest {
    private static final byte[] KEY = "key-of-ann".getBytes(StandardCharsets.UTF_8);

    private final VirtualClock clock = new VirtualClock();
    private final Sessions sessions = new Sessions(clock);

    @Test
    void a_session_is_256_bits_and_each_is_another() {
        String one = sessions.begin("ann", KEY);
        assertThat(Base64.getUrlDecoder().decode(one)).hasSize(32);
        assertThat(sessions.begin("ann", KEY)).isNotEqualTo(one);
        assertThat(sessions.caller(one)).isEqualTo("ann");
        assertThat(sessions.caller(one.substring(1))).isNull();
    }

    @Test
    void a_session_lasts_twelve_hours() {
        String session = sessions.begin("ann", KEY);
        clock.pass(Duration.ofHours(12).minusMillis(1));
        assertThat(sessions.caller(session)).isEqualTo("ann");
        clock.pass(Duration.ofMillis(1));
        assertThat(sessions.caller(session)).isNull();
        sessions.begin("ann", KEY);
        assertThat(sessions.size()).isEqualTo(1);
    }

    @Test
    void a_session_belongs_to_one_key() {
        String session = sessions.begin("ann", KEY);
        assertThat(sessions.isOf(session, KEY)).isTrue();
        assertThat(sessions.isOf(session, "new-key-of-ann".getBytes(StandardCharsets.UTF_8)))
                .isFalse();
    }

    @Test
    void a_session_that_is_ended_is_gone() {
        String session = sessions.begin("ann", KEY);
        sessions.end(session);
        assertThat(sessions.caller(session)).isNull();
        assertThat(sessions.isOf(session, KEY)).isFalse();
        sessions.end("none");
    }

    @Test
    void the_oldest_makes_way() {
        String oldest = sessions.begin("ann", KEY);
        String second = sessions.begin("ann", KEY);
        for (int i = 0; i < Sessions.MAX - 1; i++) {
            sessions.begin("ann", KEY);
        }
        assertThat(sessions.size()).isEqualTo(Sessions.MAX);
        assertThat(sessions.caller(oldest)).isNull();
        assertThat(sessions.caller(second)).isEqualTo("ann");
    }

    @Test
    void nobody_ends_the_sessions_of_others_by_beginning_many() {
        String boss = sessions.begin("boss", KEY);
        String first = sessions.begin("ann", KEY);
        for (int i = 0; i < Sessions.MAX; i++) {
            sessions.begin("ann", KEY);
        }
        assertThat(sessions.size()).isEqualTo(Sessions.MAX);
        assertThat(sessions.caller(boss)).isEqualTo("boss");
        assertThat(sessions.caller(first)).isNull();
    }
}
