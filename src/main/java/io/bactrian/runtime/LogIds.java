package io.bactrian.runtime;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.bactrian.request.LogContext;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The conversion word {@code %ids} of the log pattern: the ids of the request and of its trace, such as
 * {@code  request=req_1 trace=4bf9…}, without those that the message itself has; empty for a line that belongs to no request.
 */
public final class LogIds extends ClassicConverter {
    @Override
    public String convert(ILoggingEvent event) {
        Map<String, String> context = event.getMDCPropertyMap();
        String request = context.get(LogContext.REQUEST);
        if (request == null) {
            return "";
        }
        String message = event.getFormattedMessage();
        return part(message, LogContext.REQUEST, request)
                + part(message, LogContext.TRACE, context.get(LogContext.TRACE));
    }

    private static String part(String message, String name, @Nullable String id) {
        return id == null || message.contains(id) ? "" : " " + name + "=" + id;
    }
}
