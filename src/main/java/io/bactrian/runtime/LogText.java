package io.bactrian.runtime;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.bactrian.config.UrlMask;

/** The text of a log line without what may be secret in a URL, as {@code logback.xml} writes it ({@code %text}). */
public final class LogText extends ClassicConverter {
    @Override
    public String convert(ILoggingEvent event) {
        return UrlMask.of(event.getFormattedMessage());
    }
}
