package io.bactrian.runtime;

import io.bactrian.config.ConfigDiff;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks again and again whether the files have changed, and lets what they say serve, or says why it cannot. */
final class Reloader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reloader.class);
    /** So many looks in a row may fail while files are being replaced. */
    private static final int READ_FAILURES_BEFORE_ERROR = 5;

    private final Path directory;
    private final Generations generations;
    private final SharedState state;
    private final ChangeDetector detector;
    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("reload").factory());
    private boolean on = true;
    private int blind;

    /** @param start what the files were when the generation that serves was prepared */
    Reloader(Path directory, ConfigSnapshot start, Generations generations, SharedState state) {
        this.directory = directory;
        this.generations = generations;
        this.state = state;
        this.detector = new ChangeDetector(start);
    }

    void start(Duration every) {
        long nanos = every.toNanos();
        looks.scheduleWithFixedDelay(this::lookAgain, nanos, nanos, TimeUnit.NANOSECONDS);
    }

    private void lookAgain() {
        try {
            generations.sweep();
            if (on) {
                look();
            }
        } catch (RuntimeException | LinkageError e) {
            LOG.error("Looking for changes of the files failed; the next look follows", e);
        }
    }

    private void look() {
        ConfigSnapshot now;
        try {
            now = ConfigSnapshot.at(directory);
            blind = 0;
        } catch (IOException e) {
            blind++;
            if (blind == READ_FAILURES_BEFORE_ERROR) {
                LOG.error("Changes of the files are not seen as long as this one cannot be read: {}", e.getMessage());
            }
            return;
        }
        switch (detector.look(now)) {
            case LOAD -> load(now);
            case WITHDRAWN -> {
                state.reloadStatus.withdrawn();
                LOG.info("The files are again what serves");
            }
            case NOTHING -> {}
        }
    }

    private void load(ConfigSnapshot snapshot) {
        try {
            stillThere(snapshot);
            ConfigDiff diff = generations.replace(() -> isStill(snapshot));
            if (diff == null) {
                return;
            }
            List<String> words = new ArrayList<>(diff.words());
            words.addAll(snapshot.routesSince(detector.serving()));
            detector.loaded(snapshot);
            state.reloadStatus.loaded(state.clock.millis());
            LOG.info("Reloaded: {}", words.isEmpty() ? "nothing that matters has changed" : String.join(", ", words));
            if (!diff.atStartOnly().isEmpty()) {
                LOG.warn("Needs a restart to take effect: {}", String.join(", ", diff.atStartOnly()));
            }
            on = generations.serving().config().reload();
            if (!on) {
                LOG.info("bactrian.reload is false: further changes need a restart");
            }
        } catch (InvalidConfiguration e) {
            detector.refused(snapshot);
            state.reloadStatus.refused(state.clock.millis(), e.lines());
            LOG.error(
                    "A change of the files is refused, what served before still does. Mistakes: {}",
                    e.lines().size());
            e.lines().forEach(line -> LOG.error("  {}", line));
        }
    }

    /** What is gone is more likely a slip than the wish for what is built in, simulated providers perhaps among it. */
    private void stillThere(ConfigSnapshot snapshot) {
        List<String> gone = new ArrayList<>();
        for (String name : List.of(ConfigSnapshot.PROPERTIES, ConfigSnapshot.ROUTES)) {
            if (detector.serving().has(name) && !snapshot.has(name)) {
                gone.add(name + ": is gone; to run on what is built in, restart without it");
            }
        }
        if (!gone.isEmpty()) {
            throw new InvalidConfiguration(gone);
        }
    }

    private boolean isStill(ConfigSnapshot snapshot) {
        try {
            return ConfigSnapshot.at(directory).equals(snapshot);
        } catch (IOException e) {
            return false;
        }
    }

    /** Stops looking; one change that is under way is given up. */
    @Override
    public void close() {
        looks.shutdownNow();
    }
}
