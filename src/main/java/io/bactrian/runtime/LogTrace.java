package io.bactrian.runtime;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.bactrian.config.UrlMask;

/** The stack trace of a log line without what may be secret in a URL, as {@code logback.xml} writes it ({@code %trace}). */
public final class LogTrace extends ThrowableProxyConverter {
    @Override
    public String convert(ILoggingEvent event) {
        return UrlMask.of(super.convert(event));
    }
}
