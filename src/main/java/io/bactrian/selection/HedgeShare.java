package io.bactrian.selection;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The limit on the share of recent requests that may be hedged, for each chain. Thread-safe.
 *
 * <p>The share refers to the last 1,000 requests, or to all of them while there are fewer: with a share below 1 the
 * first request is never hedged.
 */
public final class HedgeShare {
    private static final int RECENT = 1_000;

    private final Map<String, Window> windows = new ConcurrentHashMap<>();

    /** The recent requests of one chain. */
    private static final class Window {
        final boolean[] hedged = new boolean[RECENT];
        long requests;
        int hedges;
    }

    /** One request through a hedge group; its hedge is counted once. */
    public final class Ticket {
        private final Window window;
        private final long number;
        private final double share;

        private Ticket(Window window, long number, double share) {
            this.window = window;
            this.number = number;
            this.share = share;
        }

        /** Counts the hedge of this request; false if the share does not permit it. */
        public boolean hedge() {
            synchronized (window) {
                long total = Math.min(window.requests, RECENT);
                boolean recent = window.requests - number <= RECENT;
                boolean again = recent && window.hedged[(int) (number % RECENT)];
                if (!recent || (!again && window.hedges + 1 > share * total)) {
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
     * Counts a request.
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
