package io.bactrian.request;

import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * The log context (MDC) of the threads of a request: its id as {@code request}, and as {@code trace} that of its trace, if it is
 * traced. Not thread-safe: closed by the thread that entered it.
 */
public final class LogContext implements AutoCloseable {
    public static final String REQUEST = "request";
    public static final String TRACE = "trace";

    private final @Nullable String requestBefore;
    private final @Nullable String traceBefore;

    private LogContext(@Nullable String requestBefore, @Nullable String traceBefore) {
        this.requestBefore = requestBefore;
        this.traceBefore = traceBefore;
    }

    /** Sets the context of a thread that serves one request and then ends. */
    public static void set(String request, String trace) {
        put(REQUEST, request);
        put(TRACE, trace.isEmpty() ? null : trace);
    }

    /** Sets the context of a thread that goes on with other work; until it is closed. */
    public static LogContext enter(String request, String trace) {
        LogContext before = new LogContext(MDC.get(REQUEST), MDC.get(TRACE));
        set(request, trace);
        return before;
    }

    @Override
    public void close() {
        put(REQUEST, requestBefore);
        put(TRACE, traceBefore);
    }

    private static void put(String key, @Nullable String value) {
        if (value == null) {
            MDC.remove(key);
        } else {
            MDC.put(key, value);
        }
    }
}
