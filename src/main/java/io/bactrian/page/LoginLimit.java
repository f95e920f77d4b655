package io.bactrian.page;

import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The limit of attempts to log in with a wrong key. From one address, three are free; after each further one the next attempt has
 * to wait, a second at first and twice as long each time. From all addresses together, a hundred a minute are taken. Thread-safe.
 */
public final class LoginLimit {
    static final int FREE = 3;
    static final int ALL_PER_MINUTE = 100;
    static final long MAX_WAIT_MILLIS = 30_000;

    private static final int MAX_ADDRESSES = 1_000;
    private static final long FORGET_MILLIS = 900_000;

    private final Clock clock;
    private final Map<String, Wrong> addresses = new LinkedHashMap<>();
    private long minute;
    private int all;

    public LoginLimit(Clock clock) {
        this.clock = clock;
    }

    private record Wrong(int times, long last, long until) {}

    /** How long an address has to wait before its next attempt, in milliseconds; 0 = not at all. */
    public synchronized long waitMillis(String address) {
        long now = clock.millis();
        Wrong own = addresses.get(address);
        long wait = own == null ? 0 : Math.max(0, own.until() - now);
        return now / 60_000 == minute && all >= ALL_PER_MINUTE ? Math.max(wait, 60_000 - now % 60_000) : wait;
    }

    /** Notes an attempt with a wrong key. */
    public synchronized void wrong(String address) {
        long now = clock.millis();
        if (now / 60_000 != minute) {
            minute = now / 60_000;
            all = 0;
        }
        all++;
        addresses.values().removeIf(one -> now - one.last() > FORGET_MILLIS);
        Wrong before = addresses.remove(address);
        if (addresses.size() >= MAX_ADDRESSES) {
            addresses.remove(addresses.keySet().iterator().next());
        }
        int times = before == null ? 1 : before.times() + 1;
        long wait = times < FREE ? 0 : Math.min(1_000L << Math.min(times - FREE, 20), MAX_WAIT_MILLIS);
        addresses.put(address, new Wrong(times, now, now + wait));
    }

    /** Forgets the wrong keys of an address that has sent a right one. */
    public synchronized void right(String address) {
        addresses.remove(address);
    }
}
