package io.bactrian.alert;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The alerts that are open, and those that were resolved lately. From the conditions that hold, it decides which messages are
 * due: one when an alert opens, one when it is resolved, reminders in between, and none while a more urgent alert says the same.
 *
 * <p>Durations are measured by a steady time, which follows the clock but for its jumps. Thread-safe.
 */
public final class AlertBook {
    private static final Logger LOG = LoggerFactory.getLogger(AlertBook.class);
    private static final int MAX_ALERTS = 5_000;
    private static final int MAX_RESOLVED = 200;
    private static final Duration SHOWN = Duration.ofDays(1);
    /** A longer step of the clock is a jump. */
    private static final long LONGEST_STEP = Duration.ofSeconds(10).toMillis();

    private static final Comparator<Alert> URGENT_FIRST = Comparator.comparing(Alert::severity)
            .reversed()
            .thenComparing(Alert::since)
            .thenComparing(Alert::key);

    private final Map<String, Episode> episodes = new LinkedHashMap<>();
    private final Deque<Alert> ended = new ArrayDeque<>();
    private final List<Consumer<AlertMessage>> listeners = new CopyOnWriteArrayList<>();
    private long steady;
    private long wall;
    private volatile List<Alert> open = List.of();
    private volatile List<Alert> resolved = List.of();

    /** The open alerts, the most urgent first; inhibited ones are among them. */
    public List<Alert> open() {
        return open;
    }

    /** The alerts that were resolved within the last day, the latest first. */
    public List<Alert> resolved() {
        return resolved;
    }

    /** Adds a listener to the messages of all alerts. It is called by the thread that evaluates, so it must not wait. */
    public void listen(Consumer<AlertMessage> listener) {
        listeners.add(listener);
    }

    /**
     * Takes in the conditions that hold now, and returns the messages that are due, the most urgent first.
     *
     * @param hold the time for which a cause must be gone before its alert is resolved
     * @param repeat the time until the first reminder; zero = none
     * @param now epoch milliseconds
     */
    List<AlertMessage> evaluate(List<Condition> conditions, Duration hold, Duration repeat, long now) {
        return evaluate(conditions, (kind, subject) -> true, hold, repeat, now);
    }

    /** @param exists whether a subject is still configured: one that was removed is not well again */
    List<AlertMessage> evaluate(
            List<Condition> conditions,
            BiPredicate<AlertKind, String> exists,
            Duration hold,
            Duration repeat,
            long now) {
        List<AlertMessage> messages;
        synchronized (this) {
            steady += wall == 0 ? 0 : Math.clamp(now - wall, 0, LONGEST_STEP);
            wall = now;
            messages = step(conditions, exists, hold, repeat);
        }
        messages.forEach(this::tell);
        return messages;
    }

    private List<AlertMessage> step(
            List<Condition> conditions, BiPredicate<AlertKind, String> exists, Duration hold, Duration repeat) {
        List<AlertMessage> messages = new ArrayList<>();
        Set<String> seen = new LinkedHashSet<>();
        for (Condition condition : conditions) {
            String key = condition.key();
            Episode episode = episodes.get(key);
            if (episode == null && !condition.weak() && episodes.size() < MAX_ALERTS) {
                episode = new Episode(condition);
                episodes.put(key, episode);
            }
            if (episode != null && seen.add(key)) {
                episode.holds(condition, steady, wall);
            }
        }
        for (Iterator<Map.Entry<String, Episode>> all = episodes.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<String, Episode> one = all.next();
            Episode episode = one.getValue();
            if (!seen.contains(one.getKey()) && episode.gone(hold, steady, wall)) {
                Condition last = episode.condition();
                episode.removed(!exists.test(last.kind(), last.subject()));
                resolve(episode, repeat, messages);
            }
            if (episode.isOver(steady)) {
                all.remove();
            }
        }
        inhibit();
        for (Episode episode : episodes.values()) {
            AlertMessage.State due = episode.due(steady);
            if (due != null) {
                messages.add(episode.message(due, repeat, steady, wall));
            }
        }
        publish();
        messages.sort(Comparator.comparing(AlertMessage::alert, URGENT_FIRST));
        return messages;
    }

    private void resolve(Episode episode, Duration repeat, List<AlertMessage> messages) {
        if (episode.wasTold()) {
            messages.add(episode.message(AlertMessage.State.RESOLVED, repeat, steady, wall));
        }
        ended.addFirst(episode.alert());
        if (ended.size() > MAX_RESOLVED) {
            ended.removeLast();
        }
    }

    private void inhibit() {
        Map<String, String> silenced = new HashMap<>();
        for (Episode episode : episodes.values()) {
            if (episode.silencesOthers()) {
                Condition condition = episode.condition();
                condition.silences().forEach(key -> silenced.putIfAbsent(key, condition.key()));
            }
        }
        episodes.forEach((key, episode) -> episode.inhibit(silenced.get(key)));
    }

    private void publish() {
        open = episodes.values().stream()
                .filter(Episode::isOpen)
                .map(Episode::alert)
                .sorted(URGENT_FIRST)
                .toList();
        ended.removeIf(alert -> alert.resolvedAt() != null && wall - alert.resolvedAt() > SHOWN.toMillis());
        if (resolved.size() != ended.size() || !List.copyOf(ended).equals(resolved)) {
            resolved = List.copyOf(ended);
        }
    }

    private void tell(AlertMessage message) {
        for (Consumer<AlertMessage> listener : listeners) {
            try {
                listener.accept(message);
            } catch (RuntimeException e) {
                LOG.warn("A listener to alerts failed: {}", e.toString());
            }
        }
    }
}
