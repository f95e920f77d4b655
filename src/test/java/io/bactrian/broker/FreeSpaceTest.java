package io.bactrian.broker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** When the room on a disk is little. */
final class FreeSpaceTest {
    private static final long MEBI = 1L << 20;

    @Test
    void a_large_disk_is_nearly_full_below_200_mebibytes() {
        assertThat(new FreeSpace(199 * MEBI, 100_000 * MEBI).low()).isTrue();
        assertThat(new FreeSpace(200 * MEBI, 100_000 * MEBI).low()).isFalse();
    }

    @Test
    void a_small_disk_is_nearly_full_below_a_tenth() {
        assertThat(new FreeSpace(49 * MEBI, 500 * MEBI).low()).isTrue();
        assertThat(new FreeSpace(50 * MEBI, 500 * MEBI).low()).isFalse();
    }

    @Test
    void a_broker_needs_room_to_start() {
        assertThat(new FreeSpace(31 * MEBI, 500 * MEBI).enough()).isFalse();
        assertThat(new FreeSpace(32 * MEBI, 500 * MEBI).enough()).isTrue();
        assertThat(new FreeSpace(33 * MEBI, 500 * MEBI).words()).isEqualTo("33 MiB");
    }
}
