package io.bactrian.protocol;

import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The protocols that callers may use. Immutable.
 *
 * @param all at least one; the first is used for paths of no protocol
 */
public record CallerProtocols(List<CallerProtocol> all) {
    /** The path of the list of models, which every protocol has. */
    public static final String MODELS = "/v1/models";

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

    /**
     * The protocol of a request: that of its path, or at {@link #MODELS}, which protocols share, the one whose mark is among its
     * headers.
     *
     * @param hasHeader whether the request has a header, by its name in lower case
     */
    public CallerProtocol of(@Nullable String path, Predicate<String> hasHeader) {
        if (path != null && isAt(path, MODELS)) {
            for (CallerProtocol protocol : all) {
                if (protocol.markHeaders().stream().anyMatch(hasHeader)) {
                    return protocol;
                }
            }
        }
        return of(path);
    }

    private static boolean isAt(String path, String endpoint) {
        return path.startsWith(endpoint)
                && (path.length() == endpoint.length() || path.charAt(endpoint.length()) == '/');
    }
}
