package io.bactrian.routing;

import io.bactrian.config.Chain;
import io.bactrian.config.Chain.Entry;
import io.bactrian.config.Chain.Order;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.provider.MissingCapabilities;
import io.bactrian.selection.ChainOrdering;
import java.util.function.Predicate;

/** A sorter of chains for one request, which knows the candidates that will be asked for a stream. Thread-safe. */
public record ChainSorter(ChainOrdering chainOrdering, MissingCapabilities missing) {

    /**
     * The chain in its configured order for this request.
     *
     * @param callerStreams true if the caller reads a stream
     * @param caller the caller for which it is kept what its requests show; empty if it holds for all
     * @param able true for a candidate that can serve the request
     * @param now epoch milliseconds
     */
    Chain sort(
            Chain chain, ChatRequest request, boolean callerStreams, String caller, Predicate<Entry> able, long now) {
        if (chain.order() == Order.WRITTEN) {
            return chain;
        }
        Predicate<Entry> streams = c -> UpstreamStreaming.appliesTo(
                request, callerStreams, c.target(), c.limits(), missing.of(c.target(), caller));
        return chainOrdering.sort(chain, streams, able, now);
    }
}
