package io.bactrian.routing;

import io.bactrian.config.Chain;
import io.bactrian.config.Chain.Entry;
import io.bactrian.config.Chain.Order;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.provider.MissingCapabilities;
import io.bactrian.selection.ChainOrdering;
import java.util.function.Predicate;

/** Sorts the chain of a request by how its candidates will be asked. Thread-safe. */
public record ChainSorter(ChainOrdering chainOrdering, MissingCapabilities missing) {

    /** @param able whether a candidate can serve the request */
    Chain sort(Chain chain, ChatRequest request, boolean callerStreams, Predicate<Entry> able, long now) {
        if (chain.order() == Order.WRITTEN) {
            return chain;
        }
        Predicate<Entry> streams =
                c -> UpstreamStreaming.asked(request, callerStreams, c.target(), c.limits(), missing.of(c.target()));
        return chainOrdering.sort(chain, streams, able, now);
    }
}
