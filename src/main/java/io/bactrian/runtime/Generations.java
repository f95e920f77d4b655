package io.bactrian.runtime;

import io.bactrian.config.Config;
import io.bactrian.config.ConfigDiff;
import io.bactrian.web.HttpServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The generation that serves, and those before it whose last requests are still in flight. Thread-safe. */
final class Generations implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Generations.class);
    private static final Duration RELOAD_FINISH_TIMEOUT = Duration.ofSeconds(5);

    private final Path directory;
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

    Generations(Path directory, EventLoops eventLoops, SharedState state, DemoLifecycle demo, HttpServer httpServer) {
        this.directory = directory;
        this.eventLoops = eventLoops;
        this.state = state;
        this.demo = demo;
        this.httpServer = httpServer;
    }

    /** What the HTTP server was set to, whatever the files have come to say since. */
    private record AtStart(EffectiveProperties settings, Config.Server server) {}

    /**
     * Prepares the first one.
     *
     * @param run false if it is only to be checked
     */
    void begin(boolean run) throws Exception {
        Generation first = next(null);
        serving = first;
        first.prepare(run);
        atStart = new AtStart(first.settings(), first.config().server());
        first.config().notices().forEach(LOG::warn);
    }

    /** The one that serves. */
    Generation serving() {
        return Objects.requireNonNull(serving, "prepare comes first");
    }

    private AtStart atStart() {
        return Objects.requireNonNull(atStart, "prepare comes first");
    }

    private Generation next(@Nullable Generation before) {
        count++;
        String name = count == 1 ? "bactrian" : "bactrian-" + count;
        return new Generation(name, directory, eventLoops, state, demo, before);
    }

    /**
     * Puts what the files say now in place of what serves: requests that come from then on meet the new one, those in flight end
     * under the old one. There is no moment in which neither or half of one serves.
     *
     * @param settled whether the files are still as they were when this was asked for
     * @return what has changed; null if the files were not settled, and nothing happened
     * @throws InvalidConfiguration what keeps the new one from serving; the old one was not touched
     */
    @Nullable
    ConfigDiff replace(BooleanSupplier settled) {
        changing.lock();
        try {
            Generation old = serving();
            Generation young = next(old);
            boolean runs = false;
            try {
                young.prepare(true);
                staysGuarded(atStart().server(), young.config().server());
                staysReal(old, young);
                if (settled.getAsBoolean()) {
                    young.start();
                    runs = !closed;
                }
            } catch (Exception | LinkageError e) {
                if (settled.getAsBoolean()) {
                    throw new InvalidConfiguration(StartupErrors.lines(e, young::fileOf));
                }
            } finally {
                if (!runs) {
                    young.abandon();
                }
            }
            return runs ? change(old, young) : null;
        } finally {
            changing.unlock();
        }
    }

    private ConfigDiff change(Generation old, Generation young) {
        state.permits.fit(
                young.config().providers().values(), old.config().providers().values());
        httpServer.serve(young.wing());
        serving = young;
        leaving.add(old);
        old.retire();
        Set<String> notices = new LinkedHashSet<>(young.config().notices());
        old.config().notices().forEach(notices::remove);
        notices.forEach(LOG::warn);
        ConfigDiff diff = young.settings().since(old.settings());
        Set<String> unheeded = new LinkedHashSet<>(diff.atStartOnly());
        unheeded.retainAll(young.settings().since(atStart().settings()).atStartOnly());
        String host = young.config().server().host();
        if (!host.equals(old.config().server().host())
                && !host.equals(atStart().server().host())) {
            unheeded.add("camel.server.host");
        }
        return new ConfigDiff(diff.words(), List.copyOf(unheeded));
    }

    /** Without callers' keys a start listens to this machine only, which a running server cannot be brought to. */
    private static void staysGuarded(Config.Server listening, Config.Server young) {
        if (young.keys().isEmpty() && young.local() && !listening.local()) {
            throw new InvalidConfiguration(List.of(
                    "bactrian.server.keys: without keys the gateway is to listen on %s only, but it listens on %s until a restart; keep a key, or set camel.server.host = %s"
                            .formatted(young.host(), listening.host(), listening.host())));
        }
    }

    /** A key that is lost for a moment must not let simulated providers answer callers of real ones. */
    private static void staysReal(Generation old, Generation young) {
        if (young.config().demo() && !old.config().demo() && !young.settings().wishDemo()) {
            throw new InvalidConfiguration(
                    List.of("bactrian.providers: none is on any more; if simulated ones are to answer, set"
                            + " bactrian.demo = on"));
        }
    }

    /** Ends the old ones that have nothing left to do, and lets go of what no other remembers answers with. */
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
            } finally {
                changing.unlock();
            }
        }
    }

    /** Waits until no request is in flight in any of them, but not for ever; new ones are refused. */
    @Override
    public void close() {
        boolean alone = false;
        closed = true;
        try {
            alone = changing.tryLock(RELOAD_FINISH_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        httpServer.turnAway();
        List<Generation> all = new ArrayList<>(leaving);
        Generation last = serving;
        if (last != null) {
            all.add(last);
        }
        List<Thread> ends = all.stream()
                .map(generation -> Thread.ofPlatform().start(generation::close))
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
}
