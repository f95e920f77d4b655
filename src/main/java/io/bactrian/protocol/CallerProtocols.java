package io.bactrian.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The protocols that callers may use. Immutable.
 *
 * @param all at least one; the first is that of paths that belong to none
 */
public record CallerProtocols(List<CallerProtocol> all) {
    public CallerProtocols {
        all = List.copyOf(all);
    }

    /** The protocol of a request by its path: that whose endpoint it is, or is below of. */
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
