package io.bactrian.embedded;

import org.apache.camel.CamelContext;
import org.apache.camel.spi.ContextServicePlugin;

/**
 * The plugin that gives each Camel context of an application its engine. Camel finds it by {@code META-INF/services}, and calls it
 * while the context is built: too early for the properties, and exceptions are lost there. So the engine starts with the context.
 */
public final class EmbeddedPlugin implements ContextServicePlugin {
    @Override
    public void load(CamelContext context) {
        context.addLifecycleStrategy(new EmbeddedEngine());
    }
}
