package io.bactrian.runtime;

import io.bactrian.config.Config;
import io.bactrian.config.ConfigDiff;
import io.bactrian.config.Widening;
import io.bactrian.web.HttpServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The generation that serves, and earlier ones whose last requests are still in flight. Thread-safe. */
final class Generations implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Generations.class);
    private static final Duration RELOAD_FINISH_TIMEOUT = Duration.ofSeconds(5);
    /** The time in which requests end that were told to end. */
    private static final Duration AFTER_GRACE = Duration.ofSeconds(5);

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Installation installation;
    private final EventLoops eventLoops;
    private final SharedState state;
    private final DemoLifecycle demo;
    private final HttpServer httpServer;
    private final ReentrantLock changing = new ReentrantLock();
    private final List<Generation> leaving = new CopyOnWriteArrayList<>();
    private volatile @Nullable Generation serving;
    private @Nullable AtStart atStart;
    private int count;
    private volatile boolean closed;

    Generations(
            Installation installation,
            EventLoops eventLoops,
            SharedState state,
            DemoLifecycle demo,
            HttpServer httpServer) {
        this.installation = installation;
        this.eventLoops = eventLoops;
        this.state = state;
        this.demo = demo;
        this.httpServer = httpServer;
    }

    /** The settings of the HTTP server, which stay those of the start whatever the files contain later. */
    private record AtStart(EffectiveProperties settings, Config.Server server) {}

    /**
     * Prepares the first generation.
     *
     * @param run false if it is only checked
     */
    void begin(boolean run) throws Exception {
        Generation first = next(null);
        serving = first;
        first.prepare(run);
        first.measure();
        atStart = new AtStart(first.settings(), first.config().server());
        first.config().notices().forEach(LOG::warn);
    }

    /** The generation that serves. */
    Generation serving() {
        return Objects.requireNonNull(serving, "prepare has not been called");
    }

    private AtStart atStart() {
        return Objects.requireNonNull(atStart, "prepare has not been called");
    }

    private Generation next(@Nullable Generation before) {
        count++;
        String name = count == 1 ? "bactrian" : "bactrian-" + count;
        return new Generation(name, installation, eventLoops, state, demo, before);
    }

    /**
     * Replaces the generation that serves with one made from the current files. New requests go to the new one,
     * requests in flight end in the old one; there is no moment in which neither or half of one serves.
     *
     * @param settled true if the files are still as they were when the replacement was requested
     * @return the changes; null if the files were not settled, and nothing happened
     * @throws InvalidConfiguration if the new generation cannot serve; the old one is unaffected
     */
    @Nullable
    ConfigDiff replace(BooleanSupplier settled) {
        changing.lock();
        try {
            Generation old = serving();
            Generation replacement = next(old);
            boolean runs = false;
            try {
                replacement.prepare(true);
                staysGuarded(
                        atStart().server(),
                        old.config().server(),
                        replacement.config().server());
                staysReal(old, replacement);
                if (settled.getAsBoolean()) {
                    state.brokers.start(replacement.config().queue());
                    replacement.start();
                    runs = !closed;
                }
            } catch (Exception | LinkageError e) {
                if (settled.getAsBoolean()) {
                    throw new InvalidConfiguration(replacement.mistakes(e));
                }
            } finally {
                if (!runs) {
                    replacement.abandon();
                }
            }
            return runs ? change(old, replacement) : null;
        } finally {
            changing.unlock();
        }
    }

    private ConfigDiff change(Generation old, Generation replacement) {
        state.permits.fit(
                replacement.config().providers().values(),
                old.config().providers().values());
        replacement.measure();
        httpServer.serve(replacement.router());
        serving = replacement;
        state.brokers.serve(
                replacement.config().queue(), replacement.config().server().keys());
        leaving.add(old);
        old.retire();
        Set<String> notices = new LinkedHashSet<>(replacement.config().notices());
        old.config().notices().forEach(notices::remove);
        notices.forEach(LOG::warn);
        Widening.of(old.config().server(), replacement.config().server()).forEach(LOG::warn);
        ConfigDiff diff = replacement.settings().since(old.settings());
        Set<String> notInEffect = new LinkedHashSet<>(diff.atStartOnly());
        notInEffect.retainAll(replacement.settings().since(atStart().settings()).atStartOnly());
        String host = replacement.config().server().host();
        if (!host.equals(old.config().server().host())
                && !host.equals(atStart().server().host())) {
            notInEffect.add("camel.server.host");
        }
        if (state.brokers.fits(replacement.config().queue())) {
            notInEffect.removeIf(key -> key.startsWith("bactrian.queue."));
        }
        return new ConfigDiff(diff.words(), List.copyOf(notInEffect));
    }

    /**
     * Rejects a configuration without callers' keys in place of one that has some, unless it says that this is meant: a half-written
     * file must not let any caller in. A gateway that began without keys on this machine only may go back to that.
     */
    private static void staysGuarded(Config.Server begun, Config.Server running, Config.Server replacement) {
        if (!replacement.keys().isEmpty() || replacement.open()) {
            return;
        }
        if (Widening.opens(running, replacement) && !(begun.keys().isEmpty() && begun.local())) {
            throw new InvalidConfiguration(List.of(
                    "bactrian.server.keys: there is no key any more, so that any caller who reaches %s could use the gateway; keep a key, set bactrian.server.open = true, or restart"
                            .formatted(begun.host())));
        }
        if (replacement.local() && !begun.local()) {
            throw new InvalidConfiguration(List.of(
                    "bactrian.server.keys: without keys the gateway must listen on %s only, but it listens on %s until a restart; keep a key, or set camel.server.host = %s"
                            .formatted(replacement.host(), begun.host(), begun.host())));
        }
    }

    /**
     * Rejects simulated providers in place of real ones: a key that is missing for a moment must not cause them to
     * answer.
     */
    private static void staysReal(Generation old, Generation replacement) {
        if (replacement.config().demo()
                && !old.config().demo()
                && !replacement.settings().wishDemo()) {
            throw new InvalidConfiguration(
                    List.of("bactrian.providers: no provider is on any more; to use simulated providers, set"
                            + " bactrian.demo = on"));
        }
    }

    /**
     * Stops the retired generations that have nothing left to do, and closes the stores and the brokers that no other one uses.
     */
    void sweep() {
        for (Generation old : leaving) {
            if (old.over()) {
                old.abandon();
                leaving.remove(old);
            }
        }
        if (changing.tryLock()) {
            try {
                List<Config> inUse = new ArrayList<>(List.of(serving().config()));
                leaving.forEach(old -> inUse.add(old.config()));
                state.stores.only(inUse);
                state.quotas.only(inUse.stream()
                        .map(config -> config.server().sharedLimits())
                        .toList());
                state.brokers.only(inUse.stream().map(Config::queue).toList());
                state.ledgers.only(inUse.stream()
                        .filter(config ->
                                config.queue().enabled() || config.kafka().enabled())
                        .map(Config::queue)
                        .toList());
            } finally {
                changing.unlock();
            }
        }
    }

    /**
     * Rejects new requests, ends those that only wait for a target, and waits until no other is in flight in any generation. Those
     * that are left after the grace period are ended with an error.
     */
    @Override
    public void close() {
        close(grace());
    }

    /** The same with another grace period. */
    void close(Duration grace) {
        closed = true;
        httpServer.turnAway();
        state.stopping.begin();
        long graceEnds = System.nanoTime() + grace.toNanos();
        boolean alone = false;
        try {
            alone = changing.tryLock(RELOAD_FINISH_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        List<Generation> all = new ArrayList<>(leaving);
        Generation last = serving;
        if (last != null) {
            last.retire();
            all.add(last);
        }
        if (!drained(all, graceEnds)) {
            int cut = state.stopping.cut();
            LOG.warn("Requests that were not finished within {} s and got an error: {}", grace.toSeconds(), cut);
            drained(all, graceEnds + AFTER_GRACE.toNanos());
        }
        List<Thread> ends = all.stream()
                .map(generation -> Thread.ofPlatform().start(generation::abandon))
                .toList();
        for (Thread end : ends) {
            try {
                end.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        if (alone) {
            changing.unlock();
        }
    }

    /** The time that requests in progress have when the program stops. */
    Duration grace() {
        Generation last = serving;
        return last == null ? Duration.ZERO : last.grace();
    }

    /** Waits until nothing is in flight; false if the time, as {@link System#nanoTime} counts, is over before. */
    private static boolean drained(List<Generation> generations, long until) {
        while (!generations.stream().allMatch(Generation::idle)) {
            if (System.nanoTime() - until >= 0) {
                return false;
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        return true;
    }
}
