package io.bactrian.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.runtime.ChangeDetector.Then;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Changes of the files that are loaded, and others that are not. */
final class ChangeDetectorTest {
    private static final ConfigSnapshot START = look("start");
    private static final ConfigSnapshot HALF = look("ha");
    private static final ConfigSnapshot WHOLE = look("whole");

    private final ChangeDetector detector = new ChangeDetector(START);

    @Test
    void what_serves_is_left_alone() {
        assertThat(detector.look(START)).isEqualTo(Then.NOTHING);
        assertThat(detector.look(START)).isEqualTo(Then.NOTHING);
    }

    @Test
    void a_change_is_taken_when_it_was_seen_twice() {
        assertThat(detector.look(WHOLE)).isEqualTo(Then.NOTHING);
        assertThat(detector.look(WHOLE)).isEqualTo(Then.LOAD);
    }

    @Test
    void what_is_still_being_written_is_not_taken() {
        assertThat(detector.look(HALF)).isEqualTo(Then.NOTHING);
        assertThat(detector.look(WHOLE)).isEqualTo(Then.NOTHING);
        assertThat(detector.look(HALF)).isEqualTo(Then.NOTHING);
    }

    @Test
    void what_was_changed_back_in_between_is_no_change() {
        detector.look(HALF);
        assertThat(detector.look(START)).isEqualTo(Then.NOTHING);
        assertThat(detector.look(START)).isEqualTo(Then.NOTHING);
    }

    @Test
    void what_was_loaded_is_not_loaded_again() {
        detector.look(WHOLE);
        detector.look(WHOLE);
        detector.loaded(WHOLE);
        assertThat(detector.look(WHOLE)).isEqualTo(Then.NOTHING);
        assertThat(detector.serving()).isEqualTo(WHOLE);
    }

    @Test
    void what_came_to_nothing_is_tried_again() {
        detector.look(WHOLE);
        assertThat(detector.look(WHOLE)).isEqualTo(Then.LOAD);
        assertThat(detector.look(WHOLE)).isEqualTo(Then.LOAD);
    }

    @Test
    void what_was_refused_is_refused_once_until_the_files_change_again() {
        detector.look(HALF);
        detector.look(HALF);
        detector.refused(HALF);
        assertThat(detector.look(HALF)).isEqualTo(Then.NOTHING);
        assertThat(detector.look(HALF)).isEqualTo(Then.NOTHING);
        detector.look(WHOLE);
        assertThat(detector.look(WHOLE)).isEqualTo(Then.LOAD);
        detector.refused(WHOLE);
        detector.look(HALF);
        assertThat(detector.look(HALF)).isEqualTo(Then.LOAD);
        assertThat(detector.serving()).isEqualTo(START);
    }

    @Test
    void a_mistake_that_is_taken_back_is_withdrawn_once() {
        detector.look(HALF);
        detector.look(HALF);
        detector.refused(HALF);
        assertThat(detector.look(START)).isEqualTo(Then.NOTHING);
        assertThat(detector.look(START)).isEqualTo(Then.WITHDRAWN);
        assertThat(detector.look(START)).isEqualTo(Then.NOTHING);
    }

    private static ConfigSnapshot look(String digest) {
        return new ConfigSnapshot(Map.of(ConfigSnapshot.PROPERTIES, digest));
    }
}
