package io.bactrian.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The protocols that callers may use. Immutable.
 *
 * @param all at least one; the first is used for paths of no protocol
 */
public record CallerProtocols(List<CallerProtocol> all) {
    public CallerProtocols {
        all = List.copyOf(all);
    }

    /** The protocol whose endpoint has this path, or is above it. */
    public CallerProtocol of(@Nullable String path) {
        if (path != null) {
            for (CallerProtocol protocol : all) {
                String own = protocol.path();
                if (path.startsWith(own) && (path.length() == own.length() || path.charAt(own.length()) == '/')) {
                    return protocol;
                }
            }
        }
        return all.getFirst();
    }
}
