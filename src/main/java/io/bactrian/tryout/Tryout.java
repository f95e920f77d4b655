package io.bactrian.tryout;

import io.bactrian.config.QueueSettings;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * One run of {@code --try-queue}: requests on the queue of the configuration, and their replies on a queue of its own, which
 * outlives broker and gateway. While either is away it waits, and goes on afterwards. {@link #run} is called once; {@link #stop}
 * may come from another thread.
 */
public final class Tryout {
    private static final Duration LOOK = Duration.ofMillis(100);
    /** The time after the last reply in which a second one would be noticed. */
    private static final Duration SETTLE = Duration.ofSeconds(2);

    private static final int MIN_NAME = 36 * 36 * 36;

    private final String name =
            "try-" + Integer.toString(ThreadLocalRandom.current().nextInt(MIN_NAME, 36 * MIN_NAME), 36);
    private final QueueSettings settings;
    private final String broker;
    private final TryoutOptions options;
    private final TryoutScreen screen;
    private final TryoutTally tally = new TryoutTally();
    private final TryoutClient client;
    private final CountDownLatch stopped = new CountDownLatch(1);

    /**
     * @param broker the address of the broker, without secrets
     * @param deduplicates whether the broker knows by {@code _AMQ_DUPL_ID} that it has a message already
     * @param factory makes connections to it
     */
    public Tryout(
            QueueSettings settings,
            String broker,
            boolean deduplicates,
            ConnectionFactory factory,
            TryoutOptions options,
            PrintStream out) {
        this.settings = settings;
        this.broker = broker;
        this.options = options;
        this.screen = new TryoutScreen(out, TryoutScreen.isTerminal());
        this.client = new TryoutClient(name, factory, deduplicates, settings, options, tally);
    }

    /** Ends it early: it tells what has no reply, and takes back what still waits in the queue. */
    public void stop() {
        stopped.countDown();
    }

    /**
     * Sends the requests, waits for the replies, and reports.
     *
     * @return 0 if each request has exactly one reply, else 1
     */
    public int run() throws InterruptedException {
        screen.say(List.of("%d requests to %s at %s; their replies come to the queue %s"
                .formatted(options.count(), settings.requests(), broker, name)));
        long start = System.nanoTime();
        client.start();
        boolean complete = isComplete();
        long end = complete ? client.movedAt() : System.nanoTime();
        if (complete) {
            stopped.await(SETTLE.toMillis(), TimeUnit.MILLISECONDS);
        }
        client.end();
        TryoutTally.Count count = tally.count();
        screen.progress(count, options.count(), null, System.nanoTime());
        List<String> lines = new ArrayList<>();
        lines.add(summary(count, complete, Duration.ofNanos(end - start)));
        lines.addAll(tally.targets());
        if (!complete) {
            lines.addAll(open(count));
        }
        screen.say(lines);
        return complete && count.doubled() == 0 ? 0 : 1;
    }

    /** Waits until each request has a reply; false if it was stopped, or if nothing moved for too long. */
    private boolean isComplete() throws InterruptedException {
        while (true) {
            TryoutTally.Count count = tally.count();
            String problem = client.problem();
            screen.progress(count, options.count(), problem == null ? null : problem + " " + broker, System.nanoTime());
            if (count.replied() == options.count()) {
                return true;
            }
            boolean overdue =
                    System.nanoTime() - client.movedAt() > options.patience().toNanos();
            if (overdue || stopped.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                return false;
            }
        }
    }

    private static String summary(TryoutTally.Count count, boolean complete, Duration took) {
        double seconds = Math.max(1, took.toMillis()) / 1000.0;
        return String.format(
                Locale.ROOT,
                "%d answered, %d %s, %s, %d doubled; %.1f s, %.0f replies a second",
                count.answers(),
                count.errors(),
                count.errors() == 1 ? "error" : "errors",
                complete ? "0 lost" : count.open() + " without a reply",
                count.doubled(),
                seconds,
                count.replied() / seconds);
    }

    /** What is known of the requests without a reply. */
    private List<String> open(TryoutTally.Count count) {
        List<String> lines = new ArrayList<>();
        if (stopped.getCount() > 0) {
            lines.add("Nothing came for %d s.".formatted(options.patience().toSeconds()));
        }
        if (count.sent() < options.count()) {
            lines.add("%d requests were not sent.".formatted(options.count() - count.sent()));
        }
        if (count.open() > 0) {
            try {
                int waiting = client.withdraw();
                lines.add("%d waited in %s and were taken back; %d are in progress, put off or lost."
                        .formatted(waiting, settings.requests(), Math.max(0, count.open() - waiting)));
            } catch (JMSException e) {
                lines.add("The broker is away; %d wait there or are in progress.".formatted(count.open()));
            }
        }
        return lines;
    }
}
