package io.bactrian.runtime;

import java.util.Collection;
import org.apache.camel.CamelContext;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.main.DefaultRoutesCollector;
import org.jspecify.annotations.Nullable;

/** The collector of routes for which {@code classpath:routes/} is the folder of the built-in ones, wherever in the jar that is. */
final class BuiltInRoutes extends DefaultRoutesCollector {
    @Override
    public Collection<RoutesBuilder> collectRoutesFromDirectory(
            CamelContext context, @Nullable String excluded, @Nullable String included) {
        return super.collectRoutesFromDirectory(
                context, excluded, included == null ? null : Installation.builtIn(included));
    }
}
