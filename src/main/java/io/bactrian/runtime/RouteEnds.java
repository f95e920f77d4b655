package io.bactrian.runtime;

import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.NamedRoute;
import org.apache.camel.Route;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.spi.RoutePolicyFactory;
import org.apache.camel.support.RoutePolicySupport;
import org.jspecify.annotations.Nullable;

/**
 * The ends of the routes that requests go through: whatever ends {@code direct:chat} or an endpoint, be it an error that no step can
 * handle or a step of a user, what leaves it is an answer or an error. Stateless.
 */
final class RouteEnds implements RoutePolicyFactory {
    private static final String CHAT = "direct:chat";
    private static final String ENDPOINT = "platform-http:";

    private final RoutePolicy chat;
    private final RoutePolicy endpoint;

    /**
     * The ends of one generation.
     *
     * @param ofChat ends what leaves {@code direct:chat}
     * @param ofEndpoint ends what leaves an HTTP endpoint, before Camel writes its message as the response
     */
    RouteEnds(Consumer<Exchange> ofChat, Consumer<Exchange> ofEndpoint) {
        this.chat = new End(ofChat);
        this.endpoint = new End(ofEndpoint);
    }

    @Override
    public @Nullable RoutePolicy createRoutePolicy(CamelContext context, String routeId, NamedNode route) {
        String from = route instanceof NamedRoute named ? named.getEndpointUrl() : null;
        if (from == null) {
            return null;
        }
        String address = EndpointAddress.of(from);
        return address.equals(CHAT) ? chat : address.startsWith(ENDPOINT) ? endpoint : null;
    }

    private static final class End extends RoutePolicySupport {
        private final Consumer<Exchange> end;

        End(Consumer<Exchange> end) {
            this.end = end;
        }

        @Override
        public void onExchangeDone(Route route, Exchange exchange) {
            end.accept(exchange);
        }
    }
}
