package io.bactrian.metrics;

import io.bactrian.request.RequestContext;
import io.bactrian.request.Span;
import io.bactrian.request.Waits;
import java.util.Comparator;
import java.util.List;

/** The gateway's own time in a request: all of it less the time in which it had a call under way or waited. Stateless. */
final class Overhead {
    private Overhead() {}

    /** @param now the end of the request, as {@link System#nanoTime} counts */
    static long nanos(RequestContext context, long now) {
        List<Span> elsewhere = context.trail().spans();
        for (Waits.Wait wait : context.waits().all()) {
            elsewhere.add(wait.span());
        }
        long start = context.arrival().nanos();
        return Math.max(0, now - start - union(elsewhere, start, now));
    }

    /** The time that these stretches cover between two times; where they overlap, it counts once. */
    static long union(List<Span> spans, long start, long end) {
        if (spans.size() > 1) {
            spans.sort(Comparator.comparingLong(span -> span.from() - start));
        }
        long covered = 0;
        long upTo = start;
        for (Span span : spans) {
            long from = later(span.from(), upTo);
            long to = span.to() - end > 0 ? end : span.to();
            if (to - from > 0) {
                covered += to - from;
                upTo = to;
            }
        }
        return covered;
    }

    private static long later(long one, long other) {
        return one - other > 0 ? one : other;
    }
}
