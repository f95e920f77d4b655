package io.bactrian.web;

import io.bactrian.routing.ExchangeEnd;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of all request bodies in flight, under earlier configurations too, and what each caller has of them. Where there are
 * several callers, one of them has half at most, or a single body. Callers are bounded by their keys. Thread-safe.
 */
public final class BodiesInFlight {
    private static final String PROPERTY = "bactrianBody";
    private static final long NONE = -1;

    private final AtomicLong all = new AtomicLong();
    private final Map<String, AtomicLong> byCaller = new ConcurrentHashMap<>();

    /** The bytes of one request. Used by one thread at a time, and given back by any. */
    final class Claim {
        private final AtomicLong ofCaller;
        private final long most;
        private final long share;
        private long taken;
        private boolean over;
        private volatile @Nullable Exchange following;

        private Claim(AtomicLong ofCaller, long most, long share) {
            this.ofCaller = ofCaller;
            this.most = most;
            this.share = share;
        }

        /** Takes more bytes; false if there is no room for them. */
        synchronized boolean take(long bytes) {
            if (over) {
                return true;
            }
            if (!add(ofCaller, bytes, share, taken)) {
                return false;
            }
            if (!add(all, bytes, most, NONE)) {
                ofCaller.addAndGet(-bytes);
                return false;
            }
            taken += bytes;
            return true;
        }

        /** Gives everything back once an exchange is done, which then has the body. */
        void follow(Exchange exchange) {
            exchange.setProperty(PROPERTY, this);
            following = exchange;
            ExchangeEnd.then(exchange, done -> giveBack());
        }

        /** Gives everything back when the response has ended, unless an exchange still has the body. */
        void responded() {
            Exchange exchange = following;
            if (exchange == null || exchange.getUnitOfWork() == null) {
                giveBack();
            }
        }

        /** Gives everything back; once. */
        synchronized void giveBack() {
            if (over) {
                return;
            }
            over = true;
            ofCaller.addAndGet(-taken);
            all.addAndGet(-taken);
        }
    }

    /**
     * The claim of a request, which has nothing yet.
     *
     * @param caller the name of its key
     * @param most the most bytes of all requests
     * @param several whether others may call, too
     */
    Claim claim(String caller, long most, boolean several) {
        return new Claim(byCaller.computeIfAbsent(caller, c -> new AtomicLong()), most, several ? most / 2 : most);
    }

    /** The claim of an exchange's request; null if it has no body. */
    static @Nullable Claim of(Exchange exchange) {
        return exchange.getProperty(PROPERTY) instanceof Claim claim ? claim : null;
    }

    /** Adds to a sum of which there is room for the most given, or where it has this one part only; else leaves it as it is. */
    private static boolean add(AtomicLong sum, long bytes, long most, long part) {
        long before = sum.get();
        while (before + bytes <= most || before == part) {
            if (sum.compareAndSet(before, before + bytes)) {
                return true;
            }
            before = sum.get();
        }
        return false;
    }

    /** The bytes in flight. */
    public long bytes() {
        return all.get();
    }
}
