package io.bactrian.runtime;

import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.camel.FailedToCreateRouteException;

/** Says in words for people what keeps a configuration or its routes from running. */
public final class StartupErrors {
    private StartupErrors() {}

    /**
     * One line for each mistake.
     *
     * @param fileOf where a route was read from, by its id
     */
    public static List<String> lines(Throwable thrown, UnaryOperator<String> fileOf) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof InvalidConfiguration mistakes) {
                return mistakes.lines();
            }
            if (t instanceof FailedToCreateRouteException failed) {
                String route = String.valueOf(failed.getRouteId());
                return List.of(line("the route " + route + " of " + fileOf.apply(route) + ": " + root(thrown)));
            }
        }
        return List.of(line(root(thrown)));
    }

    private static String line(String text) {
        return text.strip().replaceAll("\\s*\\p{Cntrl}\\s*", " ");
    }

    /** The message of the first cause. */
    public static String root(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.toString() : root.getMessage();
    }
}
