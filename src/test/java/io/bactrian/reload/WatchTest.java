package io.bactrian.reload;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.reload.Watch.Then;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** When a change of the files is one. */
final class WatchTest {
    private static final Look START = look("start");
    private static final Look HALF = look("ha");
    private static final Look WHOLE = look("whole");

    private final Watch watch = new Watch(START);

    @Test
    void what_serves_is_left_alone() {
        assertThat(watch.look(START)).isEqualTo(Then.NOTHING);
        assertThat(watch.look(START)).isEqualTo(Then.NOTHING);
    }

    @Test
    void a_change_is_taken_when_it_was_seen_twice() {
        assertThat(watch.look(WHOLE)).isEqualTo(Then.NOTHING);
        assertThat(watch.look(WHOLE)).isEqualTo(Then.LOAD);
    }

    @Test
    void what_is_still_being_written_is_not_taken() {
        assertThat(watch.look(HALF)).isEqualTo(Then.NOTHING);
        assertThat(watch.look(WHOLE)).isEqualTo(Then.NOTHING);
        assertThat(watch.look(HALF)).isEqualTo(Then.NOTHING);
    }

    @Test
    void what_was_changed_back_in_between_is_no_change() {
        watch.look(HALF);
        assertThat(watch.look(START)).isEqualTo(Then.NOTHING);
        assertThat(watch.look(START)).isEqualTo(Then.NOTHING);
    }

    @Test
    void what_was_loaded_is_not_loaded_again() {
        watch.look(WHOLE);
        watch.look(WHOLE);
        watch.loaded(WHOLE);
        assertThat(watch.look(WHOLE)).isEqualTo(Then.NOTHING);
        assertThat(watch.serving()).isEqualTo(WHOLE);
    }

    @Test
    void what_came_to_nothing_is_tried_again() {
        watch.look(WHOLE);
        assertThat(watch.look(WHOLE)).isEqualTo(Then.LOAD);
        assertThat(watch.look(WHOLE)).isEqualTo(Then.LOAD);
    }

    @Test
    void what_was_refused_is_refused_once_until_the_files_change_again() {
        watch.look(HALF);
        watch.look(HALF);
        watch.refused(HALF);
        assertThat(watch.look(HALF)).isEqualTo(Then.NOTHING);
        assertThat(watch.look(HALF)).isEqualTo(Then.NOTHING);
        watch.look(WHOLE);
        assertThat(watch.look(WHOLE)).isEqualTo(Then.LOAD);
        watch.refused(WHOLE);
        watch.look(HALF);
        assertThat(watch.look(HALF)).isEqualTo(Then.LOAD);
        assertThat(watch.serving()).isEqualTo(START);
    }

    @Test
    void a_mistake_that_is_taken_back_is_withdrawn_once() {
        watch.look(HALF);
        watch.look(HALF);
        watch.refused(HALF);
        assertThat(watch.look(START)).isEqualTo(Then.NOTHING);
        assertThat(watch.look(START)).isEqualTo(Then.WITHDRAWN);
        assertThat(watch.look(START)).isEqualTo(Then.NOTHING);
    }

    private static Look look(String digest) {
        return new Look(Map.of(Look.PROPERTIES, digest));
    }
}
