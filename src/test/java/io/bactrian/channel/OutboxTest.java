package io.bactrian.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.alert.AlertMessage;
import io.bactrian.alert.AlertMessage.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The queue of one channel. */
final class OutboxTest {
    private static final NotDelivered REFUSED = new NotDelivered("status 500", null, false);

    private final Outbox outbox = new Outbox();
    private long now = 1_800_000_000_000L;

    @Test
    void messages_are_sent_in_their_order_one_at_a_time() {
        outbox.add(message("1", State.OPEN));
        outbox.add(message("2", State.OPEN));

        assertThat(take()).isEqualTo("1");
        assertThat(outbox.take(now)).isNull();
        outbox.sent();
        assertThat(take()).isEqualTo("2");
    }

    @Test
    void that_it_is_full_is_said_once() {
        for (int i = 0; i < Outbox.CAPACITY; i++) {
            assertThat(outbox.add(message("more", State.OPEN))).isFalse();
        }

        assertThat(outbox.add(message("first", State.OPEN))).isTrue();
        assertThat(outbox.add(message("second", State.OPEN))).isFalse();
        drain();
        assertThat(outbox.add(message("again", State.OPEN))).isFalse();
    }

    @Test
    void when_it_is_full_the_oldest_update_goes_first() {
        outbox.add(message("open", State.OPEN));
        outbox.add(message("update", State.UPDATE));
        for (int i = 2; i < Outbox.CAPACITY; i++) {
            outbox.add(message("more", State.OPEN));
        }
        outbox.add(message("last", State.RESOLVED));

        List<String> left = drain();
        assertThat(left)
                .hasSize(Outbox.CAPACITY)
                .startsWith("open", "more")
                .endsWith("last")
                .doesNotContain("update");
    }

    @Test
    void when_it_is_full_of_others_the_oldest_that_is_not_being_sent_goes() {
        outbox.add(message("first", State.OPEN));
        outbox.add(message("second", State.OPEN));
        take();
        for (int i = 2; i <= Outbox.CAPACITY; i++) {
            outbox.add(message("more", State.OPEN));
        }
        outbox.failed(REFUSED, now);
        now += Duration.ofHours(1).toMillis();

        assertThat(drain()).hasSize(Outbox.CAPACITY).startsWith("first", "more").doesNotContain("second");
    }

    @Test
    void tries_are_further_and_further_apart_up_to_five_minutes() {
        outbox.add(message("1", State.OPEN));

        List<Long> gaps = new ArrayList<>();
        long last = 0;
        long end = now + Duration.ofMinutes(40).toMillis();
        for (; now < end; now += 1_000) {
            if (outbox.take(now) != null) {
                if (last > 0) {
                    gaps.add((now - last) / 1_000);
                }
                last = now;
                outbox.failed(REFUSED, now);
            }
        }
        assertThat(gaps).startsWith(1L, 2L, 4L, 8L, 16L, 32L, 64L, 128L, 256L, 300L, 300L);
    }

    @Test
    void the_first_failure_is_told_and_a_message_is_given_up_after_an_hour() {
        outbox.add(message("1", State.OPEN));
        outbox.add(message("2", State.OPEN));

        List<Outbox.Failed> told = new ArrayList<>();
        long end = now + Duration.ofHours(3).toMillis();
        for (; now < end; now += 1_000) {
            if (outbox.take(now) != null) {
                told.add(outbox.failed(REFUSED, now));
            }
        }
        assertThat(told.getFirst()).isEqualTo(Outbox.Failed.FIRST);
        assertThat(told)
                .filteredOn(failed -> failed != Outbox.Failed.AGAIN)
                .containsExactly(Outbox.Failed.FIRST, Outbox.Failed.GIVEN_UP, Outbox.Failed.GIVEN_UP_AGAIN);
        assertThat(outbox.size()).isZero();
    }

    @Test
    void a_wait_that_the_receiver_asks_for_is_kept() {
        outbox.add(message("1", State.OPEN));
        take();
        outbox.failed(new NotDelivered("status 429", Duration.ofSeconds(30), false), now);

        assertThat(outbox.isDue(now + 29_000)).isFalse();
        assertThat(outbox.isDue(now + 30_000)).isTrue();
    }

    @Test
    void a_message_that_is_refused_for_itself_is_given_up_at_once() {
        outbox.add(message("1", State.OPEN));
        take();

        assertThat(outbox.failed(new NotDelivered("status 404", null, true), now))
                .isEqualTo(Outbox.Failed.GIVEN_UP);
        assertThat(outbox.size()).isZero();
    }

    @Test
    void a_clock_that_is_set_back_does_not_stop_it() {
        outbox.add(message("1", State.OPEN));
        take();
        outbox.failed(REFUSED, now);

        assertThat(outbox.isDue(now - Duration.ofDays(1).toMillis())).isTrue();
    }

    private List<String> drain() {
        List<String> all = new ArrayList<>();
        for (AlertMessage message = outbox.take(now); message != null; message = outbox.take(now)) {
            all.add(message.alert().id());
            outbox.sent();
        }
        return all;
    }

    private String take() {
        return Objects.requireNonNull(outbox.take(now)).alert().id();
    }

    private static AlertMessage message(String id, State state) {
        return TestAlerts.message(id, "target/a/m", state, "a/m is down.");
    }
}
