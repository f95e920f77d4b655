package io.bactrian.selection;

/**
 * A ranking by figures, the smaller the better, in which one place overtakes another only by a clear margin: the order
 * is stable while the figures fluctuate. Stateless.
 */
final class Ranking {

    private Ranking() {}

    /** The margin by which one figure has to be better than another to overtake it. */
    @FunctionalInterface
    interface Margin {
        boolean overtakes(double one, double other);
    }

    /**
     * The places in their new order. A place without a figure keeps its rank, the others share the remaining ranks.
     *
     * @param places in their previous order
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

    /** Moves one place up; those between move down by one, past the places without a figure. */
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
