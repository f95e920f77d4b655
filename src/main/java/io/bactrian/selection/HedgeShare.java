package io.bactrian.selection;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps the second calls of hedge groups within their share of the recent requests, chain by chain. Thread-safe.
 *
 * <p>The share holds for the last 1,000 requests, and for all of them while there are fewer: a first request is never hedged with
 * a share below 1.
 */
public final class HedgeShare {
    private static final int RECENT = 1_000;

    private final Map<String, Window> windows = new ConcurrentHashMap<>();

    /** The recent requests of a chain. */
    private static final class Window {
        final boolean[] hedged = new boolean[RECENT];
        long requests;
        int hedges;
    }

    /** One request through a hedge group; its second call may be asked for once. */
    public final class Ticket {
        private final Window window;
        private final long number;
        private final double share;

        private Ticket(Window window, long number, double share) {
            this.window = window;
            this.number = number;
            this.share = share;
        }

        /** Whether this request may be hedged; notes that it is. */
        public boolean hedge() {
            synchronized (window) {
                long known = Math.min(window.requests, RECENT);
                boolean recent = window.requests - number <= RECENT;
                boolean again = recent && window.hedged[(int) (number % RECENT)];
                if (!recent || (!again && window.hedges + 1 > share * known)) {
                    return false;
                }
                if (!again) {
                    window.hedged[(int) (number % RECENT)] = true;
                    window.hedges++;
                }
                return true;
            }
        }
    }

    /**
     * Notes a request.
     *
     * @param share 0..1
     */
    public Ticket request(String chain, double share) {
        Window window = windows.computeIfAbsent(chain, c -> new Window());
        synchronized (window) {
            int place = (int) (window.requests % RECENT);
            if (window.hedged[place]) {
                window.hedged[place] = false;
                window.hedges--;
            }
            return new Ticket(window, window.requests++, share);
        }
    }
}
