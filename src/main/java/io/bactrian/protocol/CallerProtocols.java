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
        if (all.isEmpty()) {
            throw new IllegalArgumentException("no protocol for callers");
        }
    }

    /** The protocol of a request by its path: that of the endpoint there, or of the nearest one above it. */
    public CallerProtocol of(@Nullable String path) {
        CallerProtocol nearest = null;
        if (path != null) {
            for (CallerProtocol protocol : all) {
                boolean nearer = nearest == null
                        || protocol.path().length() > nearest.path().length();
                nearest = nearer && isAt(path, protocol.path()) ? protocol : nearest;
            }
        }
        return nearest == null ? all.getFirst() : nearest;
    }

    private static boolean isAt(String path, String endpoint) {
        return path.startsWith(endpoint)
                && (path.length() == endpoint.length() || path.charAt(endpoint.length()) == '/');
    }
}
