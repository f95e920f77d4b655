package io.bactrian.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.VirtualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests that began and never ended, in this process and in those before it. */
final class InFlightFileTest {
    @TempDir
    Path folder;

    private final VirtualClock clock = new VirtualClock();

    private InFlightFile file() {
        return new InFlightFile(folder.resolve("data/in-flight"), clock);
    }

    /** The file as a process would leave it that is killed now. */
    private InFlightFile killed() throws IOException {
        Path copy = Files.createTempFile(folder, "copy", "");
        Files.write(copy, Files.readAllBytes(folder.resolve("data/in-flight")));
        return new InFlightFile(copy, clock);
    }

    @Test
    void a_request_that_never_ended_is_counted() {
        try (InFlightFile file = file()) {
            assertThat(file.started("a")).isZero();
            assertThat(file.started("a")).isOne();
            assertThat(file.started("b")).isZero();
            file.ended("a");

            assertThat(file.started("a")).isZero();
        }
    }

    @Test
    void a_kill_leaves_what_was_in_flight() throws IOException {
        try (InFlightFile file = file()) {
            file.started("ended");
            file.started("poison");
            file.ended("ended");

            try (InFlightFile after = killed()) {
                assertThat(after.started("poison")).isOne();
                assertThat(after.started("ended")).isZero();
            }
        }
    }

    @Test
    void a_stop_is_no_fault_of_what_was_in_flight() throws IOException {
        try (InFlightFile before = file()) {
            before.started("poison");
            Files.write(folder.resolve("left"), Files.readAllBytes(folder.resolve("data/in-flight")));
        }
        Files.move(folder.resolve("left"), folder.resolve("data/left"));
        Path left = folder.resolve("data/left");
        try (InFlightFile stopped = new InFlightFile(left, clock)) {
            assertThat(stopped.started("poison")).isOne();
            assertThat(stopped.started("other")).isZero();
        }
        try (InFlightFile after = new InFlightFile(left, clock)) {
            assertThat(after.started("poison")).isOne();
            assertThat(after.started("other")).isZero();
        }
    }

    @Test
    void a_request_that_never_comes_again_is_forgotten() throws IOException {
        try (InFlightFile file = file()) {
            file.started("a");
            clock.pass(Duration.ofDays(8));

            try (InFlightFile after = killed()) {
                assertThat(after.started("a")).isZero();
            }
        }
    }

    @Test
    void a_file_in_use_is_left_alone() {
        try (InFlightFile file = file();
                InFlightFile second = file()) {
            file.started("a");

            assertThat(second.started("a")).isZero();
            assertThat(second.started("a")).isOne();
            assertThat(file.started("a")).isOne();
        }
    }

    @Test
    void more_requests_than_the_file_has_room_for_are_not_counted() {
        try (InFlightFile file = file()) {
            for (int i = 0; i < 20_000; i++) {
                file.started("id-" + i);
            }

            assertThat(file.started("id-1")).isOne();
            assertThat(file.started("id-19999")).isZero();
            clock.pass(Duration.ofDays(8));
            assertThat(file.started("id-19999")).isZero();
            assertThat(file.started("id-19999")).isOne();
        }
    }
}
