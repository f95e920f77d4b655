package io.bactrian.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.alert.AlertMessage.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The promises of the book for any sequence of conditions. */
final class AlertBookProperties {
    private static final Duration HOUR = Duration.ofHours(1);
    /** With the usual hold of a minute, which doubles up to ten. */
    private static final int MOST_AN_HOUR = 24;

    private static final List<Condition> ALL = List.of(
            Condition.of(AlertKind.CHAIN_DOWN, "c", "No target of chain c can answer.")
                    .silencing(Set.of("target/a", "target/b", "target/a/breaker")),
            Condition.of(AlertKind.TARGET_DOWN, "a", "a is down.").silencing(Set.of("target/a/breaker")),
            Condition.of(AlertKind.TARGET_DOWN, "b", "b is down."),
            Condition.of(AlertKind.BREAKER_OPEN, "a", "The breaker of a is open."),
            Condition.of(AlertKind.KEY_REFUSED, "a/1", "The key is refused."));

    /**
     * A stretch of time.
     *
     * @param mask which conditions hold, one bit each
     * @param weak which of them only keep an alert open
     * @param seconds how long
     * @param jump by how many minutes the clock jumps at its end
     */
    record Stretch(int mask, int weak, int seconds, int jump) {}

    @Property(tries = 300)
    void no_sequence_tells_the_same_twice_or_too_often(@ForAll("stretches") List<Stretch> stretches) {
        AlertBook book = new AlertBook();
        long now = 1_800_000_000_000L;
        long elapsed = 0;
        Map<String, State> last = new HashMap<>();
        Map<String, List<Long>> times = new HashMap<>();
        Set<String> ids = new HashSet<>();
        for (Stretch stretch : stretches) {
            for (int i = 0; i < stretch.seconds(); i++) {
                now += 1_000;
                elapsed += 1_000;
                for (AlertMessage message : book.evaluate(conditions(stretch), Duration.ofMinutes(1), HOUR, now)) {
                    String key = message.alert().key();
                    State before = last.put(key, message.state());
                    boolean open = before == State.OPEN || before == State.UPDATE;
                    switch (message.state()) {
                        case OPEN -> {
                            assertThat(open).as("%s opens twice", key).isFalse();
                            assertThat(ids.add(message.alert().id()))
                                    .as("a new id")
                                    .isTrue();
                        }
                        case UPDATE -> assertThat(ids).contains(message.alert().id());
                        case RESOLVED ->
                            assertThat(open)
                                    .as("%s is resolved, but was not open", key)
                                    .isTrue();
                    }
                    times.computeIfAbsent(key, k -> new ArrayList<>()).add(elapsed);
                }
            }
            now += Duration.ofMinutes(stretch.jump()).toMillis();
        }
        times.forEach((key, told) -> assertThat(mostAnHour(told)).as(key).isLessThanOrEqualTo(MOST_AN_HOUR));
    }

    private static List<Condition> conditions(Stretch stretch) {
        List<Condition> conditions = new ArrayList<>();
        for (int i = 0; i < ALL.size(); i++) {
            if ((stretch.mask() >> i & 1) == 1) {
                conditions.add(ALL.get(i).onlyKeeps((stretch.weak() >> i & 1) == 1));
            }
        }
        return conditions;
    }

    private static int mostAnHour(List<Long> times) {
        int most = 0;
        for (int i = 0; i < times.size(); i++) {
            long until = times.get(i) + HOUR.toMillis();
            most = Math.max(most, (int)
                    times.stream().skip(i).filter(time -> time < until).count());
        }
        return most;
    }

    @Provide
    Arbitrary<List<Stretch>> stretches() {
        Arbitrary<Integer> seconds = Arbitraries.oneOf(
                Arbitraries.integers().between(1, 5),
                Arbitraries.integers().between(1, 90),
                Arbitraries.integers().between(1, 700));
        Arbitrary<Integer> jumps = Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(19, Arbitraries.just(0)),
                net.jqwik.api.Tuple.of(1, Arbitraries.integers().between(-600, 600)));
        return Combinators.combine(
                        Arbitraries.integers().between(0, 31),
                        Arbitraries.integers().between(0, 31).optional(0.2).map(weak -> weak.orElse(0)),
                        seconds,
                        jumps)
                .as(Stretch::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(40);
    }
}
