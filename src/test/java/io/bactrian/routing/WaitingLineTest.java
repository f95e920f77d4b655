package io.bactrian.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

class WaitingLineTest {
    private static final Executor VIRTUAL = task -> Thread.ofVirtual().start(task);
    private static final long LONG = 10_000;

    private final WaitingLine line = new WaitingLine();

    private WaitingLine.Place enter() {
        return Objects.requireNonNull(line.enter("", 1_000, 1_000));
    }

    private static boolean turn(WaitingLine.Place place, String candidate, long millis) {
        try {
            return place.awaitTurn(candidate, millis);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void a_limited_number_may_wait() {
        WaitingLine.Place first = line.enter("", 2, 2);
        line.enter("", 2, 2);
        assertThat(line.enter("", 2, 2)).isNull();

        Objects.requireNonNull(first).close();
        assertThat(line.enter("", 2, 2)).isNotNull();
        assertThat(line.length()).isEqualTo(2);
    }

    @Test
    void one_caller_gets_so_many_places_and_no_more() {
        WaitingLine.Place first = line.enter("ann", 10, 2);
        line.enter("ann", 10, 2);
        assertThat(line.enter("ann", 10, 2)).isNull();
        assertThat(line.enter("bob", 10, 2)).isNotNull();

        Objects.requireNonNull(first).close();
        assertThat(line.enter("ann", 10, 2)).isNotNull();
    }

    @Test
    void callers_leave_a_line_in_turn() throws Exception {
        List<String> served = Collections.synchronizedList(new ArrayList<>());
        List<Thread> waiting = new ArrayList<>();
        WaitingLine.Place head = line.enter("ann", 100, 100);
        assertThat(turn(Objects.requireNonNull(head), "a", 0)).isTrue();
        for (String caller : List.of("ann", "ann", "ann", "bob", "bob", "eve")) {
            WaitingLine.Place place = Objects.requireNonNull(line.enter(caller, 100, 100));
            Thread thread = Thread.ofPlatform().start(() -> {
                assertThat(turn(place, "a", LONG)).isTrue();
                served.add(caller);
                place.close();
            });
            waiting.add(thread);
            await().pollInterval(Duration.ofMillis(1)).until(() -> thread.getState() == Thread.State.TIMED_WAITING);
        }

        head.close();
        for (Thread thread : waiting) {
            thread.join();
        }

        assertThat(served).containsExactly("bob", "eve", "ann", "bob", "ann", "ann");
    }

    @Test
    void the_first_in_a_line_has_its_turn_at_once() {
        assertThat(turn(enter(), "a", 0)).isTrue();
        assertThat(turn(enter(), "b", 0)).isTrue();
        assertThat(turn(enter(), "a", 20)).isFalse();
    }

    @Test
    void the_order_of_arrival_counts_not_the_order_in_which_a_line_is_joined() throws Exception {
        List<Integer> served = Collections.synchronizedList(new ArrayList<>());
        List<WaitingLine.Place> places = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            places.add(enter());
        }
        assertThat(turn(places.getFirst(), "a", 0)).isTrue();
        List<Thread> others = new ArrayList<>();
        for (int i = 19; i > 0; i--) {
            int number = i;
            Thread thread = Thread.ofPlatform().start(() -> {
                assertThat(turn(places.get(number), "a", LONG)).isTrue();
                served.add(number);
                places.get(number).close();
            });
            others.add(thread);
            await().pollInterval(Duration.ofMillis(1)).until(() -> thread.getState() == Thread.State.TIMED_WAITING);
        }

        places.getFirst().close();
        for (Thread other : others) {
            other.join();
        }

        assertThat(served).isSorted().hasSize(19);
        assertThat(line.length()).isZero();
    }

    @Test
    void who_moves_on_to_another_line_lets_the_next_one_have_its_turn() {
        WaitingLine.Place head = enter();
        WaitingLine.Place next = enter();
        assertThat(turn(head, "a", 0)).isTrue();
        CompletableFuture<Boolean> turn = CompletableFuture.supplyAsync(() -> turn(next, "a", LONG), VIRTUAL);

        assertThat(turn(head, "b", 0)).isTrue();

        assertThat(turn.join()).isTrue();
    }

    @Test
    void who_is_woken_does_not_get_its_turn() throws Exception {
        WaitingLine.Place head = enter();
        WaitingLine.Place other = enter();
        assertThat(turn(head, "a", 0)).isTrue();
        CountDownLatch started = new CountDownLatch(1);
        CompletableFuture<Boolean> turn = CompletableFuture.supplyAsync(
                () -> {
                    started.countDown();
                    return turn(other, "a", LONG);
                },
                VIRTUAL);
        started.await();

        other.wake();

        assertThat(turn.join()).isFalse();
        other.close();
        assertThat(line.length()).isEqualTo(1);
    }
}
