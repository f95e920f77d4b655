package io.bactrian.page;

import java.time.Clock;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** The state of the live page that outlives generations: traffic, events, sessions and the number of open pages. Thread-safe. */
public final class PageState {
    private static final int MAX_PAGES = 50;

    private final RecentEvents events = new RecentEvents();
    private final Traffic traffic;
    private final TimeHistory history = new TimeHistory();
    private final Sessions sessions;
    private final LoginLimit logins;
    private final AtomicInteger pages = new AtomicInteger();
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

    /** Counts a page in, which must {@link #leave} later; false if as many are open as may be. */
    public boolean enter() {
        if (pages.incrementAndGet() > MAX_PAGES) {
            pages.decrementAndGet();
            return false;
        }
        return true;
    }

    public void leave() {
        pages.decrementAndGet();
    }

    /** Sets which alerts are open, and returns which were. */
    synchronized Set<String> alerts(Set<String> open) {
        Set<String> before = alerts;
        alerts = open;
        return before;
    }
}
