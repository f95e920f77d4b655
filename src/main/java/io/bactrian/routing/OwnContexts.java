package io.bactrian.routing;

import org.apache.camel.CamelContext;

/** The Camel contexts of the engine itself, which are marked in their registries, so that none gets an engine of its own. Stateless. */
public final class OwnContexts {
    private static final String MARK = "bactrian-context";

    private OwnContexts() {}

    /** Marks a context as one of the engine. */
    public static void add(CamelContext context) {
        context.getRegistry().bind(MARK, Boolean.TRUE);
    }

    /** Whether a context is one of the engine. */
    public static boolean contains(CamelContext context) {
        return context.getRegistry().lookupByName(MARK) != null;
    }
}
