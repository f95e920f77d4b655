package io.bactrian.web;

import java.util.Locale;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.spi.HeaderFilterStrategy;

/**
 * The allow-list of headers at the HTTP endpoints. No header of a caller becomes a message header, because that could be echoed
 * or sent to a provider. Of the message headers only the gateway's own and a few standard ones become response headers.
 * Thread-safe.
 */
public final class HeaderAllowList implements HeaderFilterStrategy {
    private static final Set<String> OUT =
            Set.of("content-type", "x-request-id", "retry-after", "x-should-retry", "allow", "cache-control");

    @Override
    public boolean applyFilterToExternalHeaders(String name, Object value, Exchange exchange) {
        return true;
    }

    @Override
    public boolean applyFilterToCamelHeaders(String name, Object value, Exchange exchange) {
        String lower = name.toLowerCase(Locale.ROOT);
        return !lower.startsWith("x-bactrian-") && !OUT.contains(lower);
    }
}
