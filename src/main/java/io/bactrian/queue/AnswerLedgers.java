package io.bactrian.queue;

import io.bactrian.config.QueueSettings;
import io.bactrian.database.DatabaseUrl;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ledgers of the configurations in use: equal settings share one, across reloads too. All of them share the file of requests
 * in flight, which lies where it was at the start. Thread-safe.
 */
public final class AnswerLedgers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AnswerLedgers.class);

    /** URLs of H2 that name no file, or set something themselves. */
    private static final Pattern SERVER =
            Pattern.compile("jdbc:h2:(tcp|ssl|mem):|(?i);(write_delay|retention_time|max_length_inplace_lob)=");

    private static final String SETTINGS = ";WRITE_DELAY=0;RETENTION_TIME=0;MAX_LENGTH_INPLACE_LOB=100000";

    private final Path directory;
    private final Clock clock;
    private final Map<Kind, JdbcAnswerLedger> ledgers = new HashMap<>();
    private @Nullable InFlightFile inFlight;
    private boolean open;

    /** The settings that decide about a ledger. */
    private record Kind(String url, Duration keep) {}

    /** @param directory the folder of the gateway */
    public AnswerLedgers(Path directory, Clock clock) {
        this.directory = directory;
        this.clock = clock;
    }

    /** The ledger of a configuration whose queue is enabled. */
    public synchronized AnswerLedger of(QueueSettings settings) {
        Path folder = directory.resolve(settings.directory());
        InFlightFile file = inFlight;
        if (file == null) {
            file = new InFlightFile(folder.resolve("in-flight"), clock);
            inFlight = file;
        }
        Kind kind = kind(settings);
        JdbcAnswerLedger ledger = ledgers.get(kind);
        if (ledger == null) {
            ledger = new JdbcAnswerLedger(kind.url(), kind.keep(), file, clock);
            ledgers.put(kind, ledger);
            if (!settings.brokerUrl().isEmpty() && settings.store().isEmpty()) {
                LOG.info("The queue's answers are stored for this node only. If other nodes take requests from the same"
                        + " broker, set bactrian.queue.store to a PostgreSQL database for all of them");
            }
        }
        if (open) {
            ledger.open();
        }
        return ledger;
    }

    private Kind kind(QueueSettings settings) {
        String url = settings.store().isEmpty()
                ? "jdbc:h2:file:"
                        + directory
                                .resolve(settings.directory())
                                .resolve("answers")
                                .toAbsolutePath()
                : settings.store();
        return new Kind(tuned(url), settings.keep());
    }

    /**
     * A URL with what a ledger needs of an H2 file: each commit is written at once, so that it survives a kill; space is used
     * again at once; replies stand in their rows unless they are large.
     */
    static String tuned(String url) {
        return DatabaseUrl.isH2(url) && !SERVER.matcher(url).find() ? url + SETTINGS : url;
    }

    /** Opens the ledgers in the background, before requests arrive. */
    public synchronized void open() {
        open = true;
        ledgers.values().forEach(JdbcAnswerLedger::open);
    }

    /** Closes the ledgers that none of these queues uses. */
    public synchronized void only(Collection<QueueSettings> inUse) {
        Set<Kind> wanted = inUse.stream().map(this::kind).collect(Collectors.toUnmodifiableSet());
        ledgers.entrySet().removeIf(ledger -> {
            boolean idle = !wanted.contains(ledger.getKey());
            if (idle) {
                ledger.getValue().close();
            }
            return idle;
        });
    }

    @Override
    public synchronized void close() {
        ledgers.values().forEach(JdbcAnswerLedger::close);
        ledgers.clear();
        if (inFlight != null) {
            inFlight.close();
        }
    }
}
