package io.bactrian.alert;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The course of one alert, from the first sign of its cause until it is forgotten. Times are in milliseconds of the steady time
 * of {@link AlertBook}, unless they are said to be of the wall clock. Guarded by the lock of its book.
 */
final class Episode {
    static final Duration LONGEST_HOLD = Duration.ofMinutes(10);
    /** The time after its end in which an alert that opens again is the same one. */
    static final Duration SAME_ALERT = Duration.ofMinutes(10);
    /** The time for which a reopening makes the hold longer. */
    static final Duration REMEMBERED = Duration.ofMinutes(30);

    private static final int MOST_DOUBLINGS = 20;
    private static final long NEVER = Long.MIN_VALUE;

    private final Deque<Long> reopenings = new ArrayDeque<>();
    private Condition condition;
    private boolean open;
    /** The beginning of the cause, while the alert is not open; NEVER while there is none. */
    private long causeSince = NEVER;
    /** The end of the cause, while the alert is open; NEVER while it lasts. */
    private long goneSince = NEVER;

    private long endedAt = NEVER;
    private long firstOpenedAt;
    private String id = "";
    private int times;
    /** By the wall clock. */
    private long since;
    /** By the wall clock; null while it is open. */
    private @Nullable Long resolvedAt;
    /** Whether an OPEN with this id has been sent. */
    private boolean announced;
    /** Whether a message has been sent since it opened last. */
    private boolean told;

    /** Whether all that is known of its cause are drills, so that only the log is told. */
    private boolean drill;

    private long toldAt;
    private long interval;
    private @Nullable String inhibitedBy;
    /** Whether it ended because its subject is no longer configured. */
    private boolean removed;

    Episode(Condition condition) {
        this.condition = condition;
    }

    /** Notes that the cause holds. */
    void holds(Condition seen, long now, long wall) {
        if (open) {
            if (goneSince != NEVER && !seen.weak()) {
                reopened(now);
            }
            goneSince = NEVER;
            condition = seen;
            noteDrill(seen.drill());
        } else if (seen.weak()) {
            causeSince = NEVER;
        } else {
            causeSince = causeSince == NEVER ? now : causeSince;
            condition = seen;
            if (now - causeSince >= seen.kind().opensAfter().toMillis()) {
                open(now, wall);
            }
        }
    }

    private void open(long now, long wall) {
        open = true;
        told = false;
        resolvedAt = null;
        goneSince = NEVER;
        causeSince = NEVER;
        if (endedAt != NEVER) {
            reopened(now);
        }
        if (endedAt == NEVER || now - endedAt > SAME_ALERT.toMillis()) {
            id = HexFormat.of().toHexDigits(condition.key().hashCode()) + "-"
                    + HexFormat.of().toHexDigits(wall).substring(4);
            since = wall;
            firstOpenedAt = now;
            times = 1;
            announced = false;
            drill = condition.drill();
        }
        noteDrill(condition.drill());
    }

    /** A drill that turns into a real failure begins anew, because its beginning was told to the log only. */
    private void noteDrill(boolean still) {
        if (drill && !still) {
            drill = false;
            told = false;
            announced = false;
        }
    }

    private void reopened(long now) {
        times++;
        reopenings.addLast(now);
        if (reopenings.size() > MOST_DOUBLINGS) {
            reopenings.removeFirst();
        }
    }

    /** Notes that the cause does not hold; true if the alert is resolved by that. */
    boolean gone(Duration hold, long now, long wall) {
        causeSince = NEVER;
        if (!open) {
            return false;
        }
        goneSince = goneSince == NEVER ? now : goneSince;
        if (now - goneSince < held(hold, now)) {
            return false;
        }
        open = false;
        endedAt = now;
        resolvedAt = wall;
        return true;
    }

    /** The time for which the cause must be gone: twice as long for each reopening of late. */
    private long held(Duration hold, long now) {
        while (!reopenings.isEmpty() && now - reopenings.getFirst() > REMEMBERED.toMillis()) {
            reopenings.removeFirst();
        }
        return Math.min(hold.toMillis() << reopenings.size(), Math.max(hold.toMillis(), LONGEST_HOLD.toMillis()));
    }

    boolean isOver(long now) {
        return !open && causeSince == NEVER && (endedAt == NEVER || now - endedAt > REMEMBERED.toMillis());
    }

    boolean isOpen() {
        return open;
    }

    boolean wasTold() {
        return told;
    }

    /** Whether it silences others: from the first sign of its cause until it is resolved. */
    boolean silencesOthers() {
        return open ? told || !condition.weak() : causeSince != NEVER;
    }

    Condition condition() {
        return condition;
    }

    void removed(boolean whether) {
        removed = whether;
    }

    void inhibit(@Nullable String by) {
        inhibitedBy = by;
    }

    /** The message that is due about an open alert; null if none is, as after the end of its cause. */
    AlertMessage.@Nullable State due(long now) {
        if (!open || inhibitedBy != null || goneSince != NEVER) {
            return null;
        }
        if (!told) {
            // What was silenced until only its aftermath is left is not told.
            if (condition.weak()) {
                return null;
            }
            return announced ? AlertMessage.State.UPDATE : AlertMessage.State.OPEN;
        }
        return interval > 0 && now - toldAt >= interval ? AlertMessage.State.UPDATE : null;
    }

    /** The message itself, which counts as sent. */
    AlertMessage message(AlertMessage.State state, Duration repeat, long now, long wall) {
        String more = "";
        if (state == AlertMessage.State.UPDATE) {
            more = told
                    ? " It has been open for " + AlertWords.time(wall - since) + "."
                    : " It is open again, for the %s time in %s."
                            .formatted(AlertWords.ordinal(times), AlertWords.time(now - firstOpenedAt));
            interval = told ? 2 * interval : repeat.toMillis();
        } else if (state == AlertMessage.State.OPEN) {
            interval = repeat.toMillis();
            announced = true;
        }
        told = true;
        toldAt = now;
        return new AlertMessage(state, alert(more), condition.kind(), condition.subject(), wall, drill);
    }

    /** The alert as it stands. */
    Alert alert() {
        return alert("");
    }

    private Alert alert(String more) {
        Long end = resolvedAt;
        String text = end == null
                ? condition.text() + more
                : "%s. It lasted %s, since %s."
                        .formatted(
                                removed
                                        ? condition.subject() + " is no longer configured"
                                        : condition.kind().over(condition.subject()),
                                AlertWords.time(end - since),
                                AlertWords.at(since, end));
        return new Alert(
                id,
                condition.key(),
                condition.kind().severity(),
                end != null && drill ? "Drill: " + text : text,
                since,
                end,
                times,
                end == null ? inhibitedBy : null);
    }
}
