package io.bactrian.runtime;

import io.bactrian.config.Api;
import io.bactrian.protocol.CallerProtocol;
import io.bactrian.protocol.CallerProtocols;
import io.bactrian.protocol.ProviderProtocol;
import io.bactrian.protocol.ProviderProtocols;
import io.bactrian.protocol.anthropic.Messages;
import io.bactrian.protocol.anthropic.MessagesProvider;
import io.bactrian.protocol.openai.ChatCompletions;
import io.bactrian.protocol.openai.ChatProvider;
import io.bactrian.protocol.openai.Completions;
import io.bactrian.protocol.openai.Embeddings;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The protocols of the gateway: the one place where each of them is named. Immutable.
 *
 * @param callers the protocols of callers, by their endpoints
 * @param providers the protocols of providers, by the value of {@code bactrian.providers.<p>.api}
 */
public record Protocols(CallerProtocols callers, ProviderProtocols providers) {

    /**
     * Chat Completions and Messages, for callers and for providers, and beside them OpenAI's embeddings and legacy completions.
     */
    public static Protocols builtIn(Clock clock) {
        return new Protocols(
                new CallerProtocols(List.of(
                        ChatCompletions.PROTOCOL, Messages.PROTOCOL, Embeddings.PROTOCOL, Completions.PROTOCOL)),
                new ProviderProtocols(
                        Map.of(Api.OPENAI, new ChatProvider(), Api.ANTHROPIC, new MessagesProvider(clock))));
    }

    /** The same protocols and one more for callers. */
    public Protocols with(CallerProtocol caller) {
        List<CallerProtocol> all = new ArrayList<>(callers.all());
        all.add(caller);
        return new Protocols(new CallerProtocols(all), providers);
    }

    /** The same protocols with another one for the providers of an {@code api}. */
    public Protocols with(Api api, ProviderProtocol provider) {
        Map<Api, ProviderProtocol> all = new EnumMap<>(providers.all());
        all.put(api, provider);
        return new Protocols(callers, new ProviderProtocols(all));
    }
}
