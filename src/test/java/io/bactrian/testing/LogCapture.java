package io.bactrian.testing;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/**
 * A capture of what one logger is told, as far as its level lets it through: during each test where it is an extension, else
 * until it is closed. Classes that run at the same time share the loggers, so look for what is the test's own. Thread-safe.
 */
public final class LogCapture implements BeforeEachCallback, AfterEachCallback, AutoCloseable {
    private final Logger logger;
    private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            // The log context is that of the thread that logs.
            event.prepareForDeferredProcessing();
            events.add(event);
        }
    };

    private LogCapture(String logger) {
        this.logger = (Logger) LoggerFactory.getLogger(logger);
        appender.start();
    }

    /** A capture as an extension of a test class. */
    public static LogCapture of(String logger) {
        return new LogCapture(logger);
    }

    /** A capture that has begun, for a try statement. */
    public static LogCapture open(String logger) {
        LogCapture capture = new LogCapture(logger);
        capture.begin();
        return capture;
    }

    private void begin() {
        events.clear();
        logger.addAppender(appender);
    }

    public List<ILoggingEvent> events() {
        return List.copyOf(events);
    }

    /** The messages as they would be printed. */
    public List<String> lines() {
        return events.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        begin();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        close();
    }

    @Override
    public void close() {
        logger.detachAppender(appender);
    }
}
