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

/**
 * The reloading of changed files: checks them at an interval, and lets valid changes serve and logs the mistakes of
 * invalid ones.
 */
final class Reloader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reloader.class);
    /** The number of reads in a row that may fail while files are being replaced. */
    private static final int READ_FAILURES_BEFORE_ERROR = 5;

    private final Path directory;
    private final Generations generations;
    private final SharedState state;
    private final ChangeDetector detector;
    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("reload").factory());
    private boolean on = true;
    private int readFailures;

    /** @param start the files when the generation that serves was prepared */
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
        } catch (RuntimeException | Error e) {
            // An exception that gets out of here would end all further checks without a word.
            LOG.error("Checking the configuration for changes failed; the next check follows", e);
        }
    }

    private void look() {
        ConfigSnapshot now;
        try {
            now = ConfigSnapshot.at(directory);
            readFailures = 0;
        } catch (IOException e) {
            readFailures++;
            if (readFailures == READ_FAILURES_BEFORE_ERROR) {
                LOG.error("Cannot read {}; configuration changes are ignored until it is readable", e.getMessage());
            }
            return;
        }
        switch (detector.look(now)) {
            case LOAD -> load(now);
            case WITHDRAWN -> {
                LOG.info("Configuration on disk matches the running one again; the last error is cleared");
                state.reloadStatus.withdrawn();
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
            state.meters.reloaded(true);
            LOG.info("Reloaded: {}", words.isEmpty() ? "no effective change" : String.join(", ", words));
            if (!diff.atStartOnly().isEmpty()) {
                LOG.warn("Needs a restart to take effect: {}", String.join(", ", diff.atStartOnly()));
            }
            on = generations.serving().config().reload();
            if (!on) {
                LOG.info("bactrian.reload is false: further changes need a restart");
            }
        } catch (InvalidConfiguration e) {
            detector.refused(snapshot);
            state.meters.reloaded(false);
            int errors = e.lines().size();
            LOG.error(
                    "New configuration rejected ({}); the previous one keeps serving",
                    errors == 1 ? "1 error" : errors + " errors");
            e.lines().forEach(line -> LOG.error("  {}", line));
            // Last, so that who reads the status finds all of it in the log.
            state.reloadStatus.refused(state.clock.millis(), e.lines());
        }
    }

    /**
     * Rejects the removal of files, and of all that is in them: it is more likely an accident than a wish for the built-in ones, which may include
     * simulated providers.
     */
    private void stillThere(ConfigSnapshot snapshot) {
        List<String> gone = new ArrayList<>();
        for (String name :
                List.of(ConfigSnapshot.PROPERTIES, ConfigSnapshot.MOUNTED_PROPERTIES, ConfigSnapshot.ROUTES)) {
            if (detector.serving().has(name) && !snapshot.has(name)) {
                gone.add(name + " was removed; restart to run with the built-in defaults");
            }
        }
        if (gone.isEmpty() && detector.serving().hasProperties() && !snapshot.hasProperties()) {
            gone.add(ConfigSnapshot.PROPERTIES + " is empty now; restart to run with the built-in defaults");
        }
        InvalidConfiguration.check(gone);
    }

    private boolean isStill(ConfigSnapshot snapshot) {
        try {
            return ConfigSnapshot.at(directory).equals(snapshot);
        } catch (IOException e) {
            return false;
        }
    }

    /** Stops the checks; a change in progress is given up. */
    @Override
    public void close() {
        looks.shutdownNow();
    }
}
