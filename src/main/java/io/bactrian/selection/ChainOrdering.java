package io.bactrian.selection;

import io.bactrian.config.Chain;
import io.bactrian.config.Chain.Entry;
import io.bactrian.config.Chain.Step;
import io.bactrian.health.TargetLatencies;
import io.bactrian.policy.Availability;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * The order of a chain's steps for one request, as the chain's {@code order} option demands; a group ranks as its best
 * member. Targets that are open or cooling keep their place, because the policy skips them. Thread-safe.
 *
 * <p>{@code fastest} sorts by the median time to first token. A step overtakes another only if it is at least a fifth
 * quicker, and keeps its lead by the same rule: each request starts from the order of the previous one, the first
 * request from the written order. A step without recent measurements comes last, except for one request at a time,
 * which asks it first in order to measure it.
 *
 * <p>{@code least-busy} departs from the written order only for a step with at least two fewer calls in flight, and a
 * fifth fewer. {@code cheapest} weighs input and output three to one; a step with an unknown price comes last.
 */
public final class ChainOrdering {
    private static final double OVERTAKE_FACTOR = 0.8;
    private static final int FEWER_CALLS = 2;
    private static final int INPUT_SHARE = 3;

    private final TargetLatencies latencies;
    private final ProbeClaims probeClaims;
    private final Map<OrderKey, Settled> settled = new ConcurrentHashMap<>();

    /** @param availability a target that may not be called now is not measured */
    public ChainOrdering(TargetLatencies latencies, Availability availability) {
        this.latencies = latencies;
        this.probeClaims = new ProbeClaims(latencies, availability);
    }

    /** A chain and the kind of answer: streams and documents have different latencies. */
    private record OrderKey(String chain, boolean stream) {}

    /**
     * The order that the previous request left.
     *
     * @param written the chain as configured
     * @param places the indices of its steps in that order
     * @param sorted the chain in that order
     */
    private record Settled(Chain written, int[] places, Chain sorted) {}

    /**
     * The chain in the order for this request.
     *
     * @param streams true for a candidate that will be asked for a stream
     * @param able true for a candidate that can serve the request
     * @param now epoch milliseconds
     */
    public Chain sort(Chain chain, Predicate<Entry> streams, Predicate<Entry> able, long now) {
        if (chain.steps().size() < 2) {
            return chain;
        }
        return switch (chain.order()) {
            case WRITTEN -> chain;
            case FASTEST -> fastest(chain, streams, able, now);
            case CHEAPEST -> arranged(chain, ranked(chain, ChainOrdering::price, (one, other) -> one < other));
            case LEAST_BUSY ->
                arranged(
                        chain, ranked(chain, c -> latencies.inFlight(c.target()), ChainOrdering::hasClearlyFewerCalls));
        };
    }

    private Chain fastest(Chain chain, Predicate<Entry> streams, Predicate<Entry> able, long now) {
        OrderKey key = new OrderKey(
                chain.name(), streams.test(chain.steps().getFirst().candidates().getFirst()));
        Settled before = settled.get(key);
        if (before == null || before.written != chain) {
            before = new Settled(chain, asWritten(chain), chain);
        }
        double[] millis = figures(chain, entry -> millis(entry, streams));
        int[] places = Ranking.of(before.places, millis, (one, other) -> one <= other * OVERTAKE_FACTOR);
        Settled after =
                Arrays.equals(places, before.places) ? before : new Settled(chain, places, arranged(chain, places));
        settled.put(key, after);
        int unknown = (int) Arrays.stream(millis).filter(Double::isNaN).count();
        return unknown == 0 ? after.sorted : arranged(chain, learning(chain, places, millis, streams, able, now));
    }

    /** The places with the unmeasured steps last, except for one that this request is to measure. */
    private int[] learning(
            Chain chain, int[] places, double[] millis, Predicate<Entry> streams, Predicate<Entry> able, long now) {
        int claimed = -1;
        for (int i = 0; i < places.length && claimed < 0; i++) {
            boolean unknown = Double.isNaN(millis[places[i]]);
            if (unknown && probeClaims.take(chain.steps().get(places[i]), streams, able, now)) {
                claimed = places[i];
            }
        }
        int first = claimed;
        IntStream head = first < 0 ? IntStream.empty() : IntStream.of(first);
        IntStream measured = Arrays.stream(places).filter(place -> !Double.isNaN(millis[place]));
        IntStream others = Arrays.stream(places).filter(place -> Double.isNaN(millis[place]) && place != first);
        return IntStream.concat(head, IntStream.concat(measured, others)).toArray();
    }

    private double millis(Entry entry, Predicate<Entry> streams) {
        Duration median = latencies.median(entry.target(), streams.test(entry));
        return median == null ? Double.NaN : median.toMillis();
    }

    private static double price(Entry entry) {
        Double input = entry.target().priceInput();
        Double output = entry.target().priceOutput();
        return input == null || output == null ? Double.MAX_VALUE : INPUT_SHARE * input + output;
    }

    private static boolean hasClearlyFewerCalls(double one, double other) {
        return other - one >= FEWER_CALLS && one <= other * OVERTAKE_FACTOR;
    }

    private static int[] ranked(Chain chain, Figure figure, Ranking.Margin margin) {
        return Ranking.of(asWritten(chain), figures(chain, figure), margin);
    }

    private interface Figure {
        /** The figure of an entry; smaller is better, {@code NaN} if unknown. */
        double of(Entry entry);
    }

    private static double[] figures(Chain chain, Figure figure) {
        List<Step> steps = chain.steps();
        double[] figures = new double[steps.size()];
        for (int i = 0; i < figures.length; i++) {
            figures[i] = best(steps.get(i), figure);
        }
        return figures;
    }

    private static double best(Step step, Figure figure) {
        if (step instanceof Entry entry) {
            return figure.of(entry);
        }
        double best = Double.NaN;
        for (Entry entry : step.candidates()) {
            double one = figure.of(entry);
            best = Double.isNaN(best) || one < best ? one : best;
        }
        return best;
    }

    private static int[] asWritten(Chain chain) {
        return IntStream.range(0, chain.steps().size()).toArray();
    }

    private static Chain arranged(Chain chain, int[] places) {
        for (int i = 0; i < places.length; i++) {
            if (places[i] != i) {
                return chain.arranged(
                        Arrays.stream(places).mapToObj(chain.steps()::get).toList());
            }
        }
        return chain;
    }
}
