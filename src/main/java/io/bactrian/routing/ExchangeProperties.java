package io.bactrian.routing;

import io.bactrian.provider.Attempt;
import io.bactrian.provider.ProviderClient;
import io.bactrian.request.RequestContext;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/** What travels on an exchange. */
public final class ExchangeProperties {
    /** The exchange property that names the route to go to next. */
    public static final String NEXT = "bactrianNext";

    private static final String CONVERSATION = "bactrianConversation";

    private ExchangeProperties() {}

    public static RequestContext conversation(Exchange exchange) {
        if (exchange.getProperty(CONVERSATION) instanceof RequestContext context) {
            return context;
        }
        throw new IllegalStateException("No conversation on the exchange: send requests to direct:chat.");
    }

    public static @Nullable RequestContext conversationOrNull(Exchange exchange) {
        return exchange.getProperty(CONVERSATION) instanceof RequestContext context ? context : null;
    }

    public static void set(Exchange exchange, RequestContext context) {
        exchange.setProperty(CONVERSATION, context);
    }

    static Attempt attempt(Exchange exchange) {
        if (exchange.getProperty(ProviderClient.ATTEMPT) instanceof Attempt attempt) {
            return attempt;
        }
        throw new IllegalStateException("No attempt on the exchange: encode comes first.");
    }

    static void set(Exchange exchange, Attempt attempt) {
        exchange.setProperty(ProviderClient.ATTEMPT, attempt);
    }
}
