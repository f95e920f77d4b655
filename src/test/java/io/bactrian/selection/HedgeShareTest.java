package io.bactrian.selection;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.selection.HedgeShare.Ticket;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HedgeShareTest {
    private final HedgeShare shares = new HedgeShare();

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.01, 0.05, 0.3, 1})
    void never_more_than_the_share_of_the_recent_requests_is_hedged(double share) {
        Random random = new Random(7);
        Deque<Boolean> recent = new ArrayDeque<>();
        int hedged = 0;
        for (int i = 0; i < 5_000; i++) {
            boolean slow = i < 2_000 || random.nextBoolean();
            Ticket ticket = shares.request("c", share);
            boolean now = slow && ticket.hedge();
            recent.addLast(now);
            hedged += now ? 1 : 0;
            if (recent.size() > 1_000) {
                hedged -= recent.removeFirst() ? 1 : 0;
            }
            assertThat((double) hedged).isLessThanOrEqualTo(share * recent.size());
        }
    }

    @Test
    void the_share_is_used_when_everything_is_slow() {
        int hedged = 0;
        for (int i = 0; i < 1_000; i++) {
            hedged += shares.request("c", 0.05).hedge() ? 1 : 0;
        }
        assertThat(hedged).isEqualTo(50);
    }

    @Test
    void a_request_counts_once_however_often_it_asks() {
        for (int i = 0; i < 19; i++) {
            shares.request("c", 0.05);
        }
        Ticket ticket = shares.request("c", 0.05);
        assertThat(ticket.hedge()).isTrue();
        assertThat(ticket.hedge()).isTrue();
        assertThat(shares.request("c", 0.05).hedge()).isFalse();
    }

    @Test
    void each_chain_has_a_share_of_its_own() {
        assertThat(shares.request("a", 1).hedge()).isTrue();
        assertThat(shares.request("b", 0.5).hedge()).isFalse();
        assertThat(shares.request("b", 0.5).hedge()).isTrue();
    }

    @Test
    void one_that_took_very_long_is_not_hedged_any_more() {
        Ticket old = shares.request("c", 1);
        for (int i = 0; i < 1_000; i++) {
            shares.request("c", 1);
        }
        assertThat(old.hedge()).isFalse();
    }
}
