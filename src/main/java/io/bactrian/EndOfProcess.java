package io.bactrian;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/**
 * The ends of the process that wait for nothing: a second signal, a stop that takes too long, and a lack of memory, after which the
 * state of the program cannot be trusted. A thread that was started early sees to them, so that it needs no memory then.
 */
final class EndOfProcess {
    /** The exit code after a lack of memory, as with {@code -XX:+ExitOnOutOfMemoryError}. */
    private static final int OUT_OF_MEMORY = 3;

    private static final long ONE_SIGNAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final int SIGNALLED = 128;
    private static final long NEVER = Long.MAX_VALUE;

    private static final byte[] TOO_SLOW = line("Stopping took too long: the process ends without the rest");
    private static final byte[] AT_ONCE = line("Second signal: the process ends at once");
    private static final byte[] NO_MEMORY = line("Out of memory: the process ends. Give it more with -Xmx, or smaller"
            + " bounds of requests (docs/operations.md)");

    private final FileOutputStream err = new FileOutputStream(FileDescriptor.err);
    private final Thread thread =
            Thread.ofPlatform().name("end-of-process").daemon().unstarted(this::watch);
    private volatile long endsAt = NEVER;
    private volatile boolean outOfMemory;
    private long signalledAt = NEVER;

    /** Starts to watch: the memory at once, the time after {@link #within}. */
    void start() {
        thread.start();
        Thread.setDefaultUncaughtExceptionHandler((dying, thrown) -> {
            if (!isLackOfMemory(thrown)) {
                LoggerFactory.getLogger(EndOfProcess.class).error("The thread {} died", dying.getName(), thrown);
            }
            check(thrown);
        });
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext logs) {
            Appender appender = new Appender();
            appender.setContext(logs);
            appender.start();
            logs.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(appender);
        }
    }

    /** Ends the process after a time, whatever is in progress. */
    void within(Duration limit) {
        endsAt = System.nanoTime() + limit.toNanos();
        LockSupport.unpark(thread);
    }

    /** Calls an action at the first SIGTERM or Ctrl-C, and ends the process at the second. */
    void onSignal(Runnable action) {
        for (String name : new String[] {"TERM", "INT"}) {
            try {
                Signal.handle(new Signal(name), signal -> {
                    if (again()) {
                        halt(AT_ONCE, SIGNALLED + signal.getNumber());
                    }
                    action.run();
                });
            } catch (IllegalArgumentException e) {
                // With -Xrs, signals are the system's; it ends the process.
                LoggerFactory.getLogger(EndOfProcess.class).debug("SIG{} is not handled here", name, e);
            }
        }
    }

    /** Whether it is another signal than the first, which may come twice: to the process and to its group. */
    private synchronized boolean again() {
        long now = System.nanoTime();
        if (signalledAt == NEVER) {
            signalledAt = now;
            return false;
        }
        return now - signalledAt > ONE_SIGNAL_NANOS;
    }

    private void watch() {
        while (true) {
            if (outOfMemory) {
                halt(NO_MEMORY, OUT_OF_MEMORY);
            }
            long left = endsAt == NEVER ? NEVER : endsAt - System.nanoTime();
            if (left <= 0) {
                halt(TOO_SLOW, 0);
            }
            LockSupport.parkNanos(this, left);
        }
    }

    private void halt(byte[] why, int code) {
        try {
            err.write(why);
        } catch (IOException e) {
            // There is nothing left to tell it to.
        }
        Runtime.getRuntime().halt(code);
    }

    private void check(@Nullable Throwable thrown) {
        if (isLackOfMemory(thrown)) {
            outOfMemory = true;
            LockSupport.unpark(thread);
        }
    }

    /** Whether the heap is full; a lack of threads, descriptors or buffers beside the heap passes. */
    private static boolean isLackOfMemory(@Nullable Throwable thrown) {
        Throwable cause = thrown;
        for (int depth = 0; cause != null && depth < 20; depth++) {
            if (cause.getClass() == OutOfMemoryError.class) {
                String message = String.valueOf(cause.getMessage());
                return message.startsWith("Java heap space")
                        || message.startsWith("GC overhead")
                        || message.startsWith("Metaspace");
            }
            cause = cause.getCause();
        }
        return false;
    }

    private static byte[] line(String text) {
        return (text + System.lineSeparator()).getBytes(StandardCharsets.UTF_8);
    }

    /** An appender that looks for a lack of memory: a library that catches every error logs it. */
    private final class Appender extends AppenderBase<ILoggingEvent> {
        @Override
        protected void append(ILoggingEvent event) {
            if (event.getThrowableProxy() instanceof ThrowableProxy proxy) {
                check(proxy.getThrowable());
            }
        }
    }
}
