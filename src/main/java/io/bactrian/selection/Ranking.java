package io.bactrian.selection;

/**
 * Puts things in order by a figure of each, the smaller the better, where one overtakes another only if it is clearly better:
 * what was in order stays in order while the figures waver. Stateless.
 */
final class Ranking {

    private Ranking() {}

    /** Whether a figure is so much better than another that its owner may overtake. */
    @FunctionalInterface
    interface Margin {
        boolean overtakes(double one, double other);
    }

    /**
     * The places in their new order. Whoever has no figure keeps its rank, the others share the ranks left.
     *
     * @param places in the order of before
     * @param figures by place, {@code NaN} for none
     */
    static int[] of(int[] places, double[] figures, Margin margin) {
        int[] ranked = places.clone();
        for (int rank = 0; rank < ranked.length; rank++) {
            if (Double.isNaN(figures[ranked[rank]])) {
                continue;
            }
            int best = rank;
            for (int i = rank + 1; i < ranked.length; i++) {
                if (margin.overtakes(figures[ranked[i]], figures[ranked[best]])) {
                    best = i;
                }
            }
            moveUp(ranked, figures, best, rank);
        }
        return ranked;
    }

    /** Those between move down by one, past whoever keeps its rank. */
    private static void moveUp(int[] ranked, double[] figures, int from, int to) {
        int moved = ranked[from];
        int hole = from;
        for (int i = from - 1; i >= to; i--) {
            if (!Double.isNaN(figures[ranked[i]])) {
                ranked[hole] = ranked[i];
                hole = i;
            }
        }
        ranked[hole] = moved;
    }
}
