package io.bactrian.selection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class RankingProperties {
    private static final Ranking.Margin FIFTH = (one, other) -> one <= other * 0.8;

    @Property(tries = 2_000)
    void nobody_is_left_behind_who_could_overtake_and_the_order_is_settled(
            @ForAll @IntRange(min = 1, max = 8) int size, @ForAll long seed) {
        Random random = new Random(seed);
        double[] figures = IntStream.range(0, size)
                .mapToDouble(i -> random.nextInt(5) == 0 ? Double.NaN : 50 + random.nextInt(100))
                .toArray();
        int[] places = shuffled(size, random);

        int[] ranked = Ranking.of(places, figures, FIFTH);

        assertThat(ranked).containsExactlyInAnyOrder(places);
        for (int ahead = 0; ahead < size; ahead++) {
            if (Double.isNaN(figures[places[ahead]])) {
                assertThat(ranked[ahead]).as("the rank of one without a figure").isEqualTo(places[ahead]);
            }
            for (int behind = ahead + 1; behind < size; behind++) {
                assertThat(FIFTH.overtakes(figures[ranked[behind]], figures[ranked[ahead]]))
                        .as("%s overtakes in %s of %s", behind, Arrays.toString(ranked), Arrays.toString(figures))
                        .isFalse();
            }
        }
        assertThat(Ranking.of(ranked, figures, FIFTH)).containsExactly(ranked);
    }

    @Property(tries = 500)
    void without_a_margin_it_sorts_and_leaves_equals_as_they_were(
            @ForAll @IntRange(min = 1, max = 8) int size, @ForAll long seed) {
        Random random = new Random(seed);
        double[] figures =
                IntStream.range(0, size).mapToDouble(i -> random.nextInt(4)).toArray();
        int[] places = IntStream.range(0, size).toArray();

        int[] ranked = Ranking.of(places, figures, (one, other) -> one < other);

        for (int i = 1; i < size; i++) {
            double before = figures[ranked[i - 1]];
            double here = figures[ranked[i]];
            assertThat(before < here || (before == here && ranked[i - 1] < ranked[i]))
                    .isTrue();
        }
    }

    private static int[] shuffled(int size, Random random) {
        int[] places = IntStream.range(0, size).toArray();
        for (int i = size - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = places[i];
            places[i] = places[j];
            places[j] = swapped;
        }
        return places;
    }
}
