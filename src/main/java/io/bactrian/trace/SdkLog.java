package io.bactrian.trace;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The log of the OpenTelemetry SDK, which writes to {@code java.util.logging}: each of its warnings is one line in the logger
 * {@code bactrian.traces}, without a stack trace and at most once in five minutes. Thread-safe.
 */
final class SdkLog extends Handler {
    private static final org.slf4j.Logger LOG = LoggerFactory.getLogger("bactrian.traces");
    private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(5);
    private static final int MAX_TEXTS = 100;
    /** The end of a text that is told once, however it goes on. */
    private static final String DETAIL = "Full error message";

    /** The start of what the SDK says of its own limit, which is not needed beside the one here. */
    private static final String LIMITED = "Too many log messages";

    /** Kept here, because a logger that is not referred to loses its handlers. */
    private static final Logger SDK = Logger.getLogger("io.opentelemetry");

    private final Map<String, Long> toldAt = new ConcurrentHashMap<>();

    private SdkLog() {}

    /** Takes over what the SDK logs. */
    static synchronized void connect() {
        for (Handler handler : SDK.getHandlers()) {
            if (handler instanceof SdkLog) {
                return;
            }
        }
        SDK.setUseParentHandlers(false);
        SDK.addHandler(new SdkLog());
    }

    @Override
    public void publish(@Nullable LogRecord record) {
        if (record == null) {
            return;
        }
        String text = text(record);
        if (record.getLevel().intValue() < Level.WARNING.intValue() || text.startsWith(LIMITED) || isKnown(text)) {
            LOG.debug("{}", text);
        } else {
            LOG.warn("{}", text);
        }
    }

    private static String text(LogRecord record) {
        String message = String.valueOf(record.getMessage()).strip();
        Throwable thrown = record.getThrown();
        String cause = thrown == null ? "" : String.valueOf(thrown.getMessage());
        String text = cause.isEmpty() || message.contains(cause) ? message : message + ": " + cause;
        return text.replaceAll("\\s*\\p{Cntrl}\\s*", " ");
    }

    private boolean isKnown(String text) {
        int detail = text.indexOf(DETAIL);
        String kind = detail < 0 ? text : text.substring(0, detail);
        long now = System.nanoTime();
        Long last = toldAt.get(kind);
        if (last != null && now - last < QUIET_NANOS) {
            return true;
        }
        if (toldAt.size() < MAX_TEXTS) {
            toldAt.put(kind, now);
        }
        return false;
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
