package io.bactrian.runtime;

import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.camel.FailedToCreateRouteException;

/** The readable form of errors that keep a configuration or its routes from running. Stateless. */
public final class StartupErrors {
    private StartupErrors() {}

    /**
     * One line for each mistake.
     *
     * @param fileOf the file of a route, by the id of the route
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

    /** The message of the root cause. */
    public static String root(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.toString() : root.getMessage();
    }
}
