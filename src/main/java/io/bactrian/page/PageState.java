package io.bactrian.page;

import java.time.Clock;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The state of the live page that outlives generations: traffic, events, sessions and the number of open pages. Thread-safe. */
public final class PageState {
    private static final int MAX_PAGES = 50;
    /** Where there are several callers, so that one of them never has all. */
    private static final int MAX_PAGES_OF_ONE = 38;

    private final RecentEvents events = new RecentEvents();
    private final Traffic traffic;
    private final TimeHistory history = new TimeHistory();
    private final Sessions sessions;
    private final LoginLimit logins;
    private final AtomicInteger pages = new AtomicInteger();
    private final Map<String, AtomicInteger> pagesByCaller = new ConcurrentHashMap<>();
    /** The alerts that were open when last looked at. */
    private Set<String> alerts = new HashSet<>();

    public PageState(Clock clock) {
        this.traffic = new Traffic(events, clock);
        this.sessions = new Sessions(clock);
        this.logins = new LoginLimit(clock);
    }

    public RecentEvents events() {
        return events;
    }

    public Traffic traffic() {
        return traffic;
    }

    TimeHistory history() {
        return history;
    }

    public Sessions sessions() {
        return sessions;
    }

    public LoginLimit logins() {
        return logins;
    }

    /**
     * Counts a page in, which must {@link #leave} later; false if as many are open as may be.
     *
     * @param caller the name of the key; callers are bounded by their keys
     * @param several whether there are several keys
     */
    public boolean enter(String caller, boolean several) {
        AtomicInteger own = pagesByCaller.computeIfAbsent(caller, c -> new AtomicInteger());
        boolean room = own.incrementAndGet() <= (several ? MAX_PAGES_OF_ONE : MAX_PAGES);
        if (pages.incrementAndGet() > MAX_PAGES || !room) {
            leave(caller);
            return false;
        }
        return true;
    }

    public void leave(String caller) {
        pages.decrementAndGet();
        pagesByCaller.computeIfAbsent(caller, c -> new AtomicInteger()).decrementAndGet();
    }

    /** Sets which alerts are open, and returns which were. */
    synchronized Set<String> alerts(Set<String> open) {
        Set<String> before = alerts;
        alerts = open;
        return before;
    }
}
