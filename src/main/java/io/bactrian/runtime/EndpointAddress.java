package io.bactrian.runtime;

import org.apache.camel.model.RouteDefinition;

/** The address of an endpoint in the one spelling in which addresses are compared. Stateless. */
final class EndpointAddress {
    private EndpointAddress() {}

    /** The address from which a route consumes. */
    static String of(RouteDefinition route) {
        return of(String.valueOf(route.getInput().getEndpointUri()));
    }

    /** The address in a URI, such as {@code direct:chat} in {@code direct://chat?timeout=0}. */
    static String of(String uri) {
        return uri.replaceFirst(":/*", ":").replaceFirst("[?].*", "");
    }
}
