package io.bactrian.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.page.PageEvent.Kind;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class RecentEventsTest {
    private static final long NOW = 1_795_000_000_000L;

    private final RecentEvents events = new RecentEvents();

    @Test
    void the_newest_are_kept_and_come_first() {
        for (int i = 0; i < RecentEvents.SIZE + 5; i++) {
            events.operated(NOW, "t", "action " + i);
        }
        assertThat(events.all()).hasSize(RecentEvents.SIZE);
        assertThat(events.all().getFirst().event().text()).isEqualTo("action " + (RecentEvents.SIZE + 4));
        assertThat(events.all().getFirst().id()).isEqualTo(events.lastId());
    }

    @Test
    void later_ones_come_in_their_order() {
        for (int i = 1; i <= 5; i++) {
            events.operated(NOW, "t", "action " + i);
        }
        assertThat(events.after(3)).extracting(RecentEvents.Numbered::id).containsExactly(4L, 5L);
        assertThat(events.after(5)).isEmpty();
        assertThat(events.after(0)).hasSize(5);
    }

    @Test
    void each_second_has_few_places_and_the_next_event_tells_how_many_were_left_out() {
        List<RecentEvents.Place> first = IntStream.range(0, 10)
                .mapToObj(i -> events.place(Kind.FALLBACK, NOW))
                .filter(place -> place != null)
                .toList();
        assertThat(first).hasSize(3).allMatch(place -> place.leftOut() == 0);
        assertThat(events.place(Kind.FAILED, NOW + 999)).isNull();
        assertThat(events.place(Kind.FAILED, NOW + 1_000)).isEqualTo(new RecentEvents.Place(8));
        assertThat(events.place(Kind.FAILED, NOW + 1_000)).isEqualTo(new RecentEvents.Place(0));
    }

    @Test
    void rescues_have_places_of_their_own() {
        for (int i = 0; i < 100; i++) {
            events.place(Kind.FAILED, NOW);
        }
        assertThat(events.place(Kind.RESCUE, NOW)).isEqualTo(new RecentEvents.Place(0));
    }
}
