package io.bactrian.routing;

import io.bactrian.chat.Conversation;
import io.bactrian.provider.Attempt;
import io.bactrian.provider.ProviderClient;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/** What travels on an exchange. */
public final class Exchanges {
    /** The exchange property that names the route to go to next. */
    public static final String NEXT = "bactrianNext";

    private static final String CONVERSATION = "bactrianConversation";

    private Exchanges() {}

    public static Conversation conversation(Exchange exchange) {
        if (exchange.getProperty(CONVERSATION) instanceof Conversation conversation) {
            return conversation;
        }
        throw new IllegalStateException("No conversation on the exchange: send requests to direct:chat.");
    }

    public static @Nullable Conversation conversationOrNull(Exchange exchange) {
        return exchange.getProperty(CONVERSATION) instanceof Conversation conversation ? conversation : null;
    }

    public static void set(Exchange exchange, Conversation conversation) {
        exchange.setProperty(CONVERSATION, conversation);
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
