package io.bactrian.routing;

import io.bactrian.config.Feature;
import io.bactrian.config.Limits;
import io.bactrian.config.Service;
import io.bactrian.config.Target;
import io.bactrian.protocol.Capability;
import io.bactrian.protocol.ChatRequest;
import java.util.Set;

/** The rule for which targets are asked for a stream. Stateless. */
final class UpstreamStreaming {

    private UpstreamStreaming() {}

    /**
     * True if a target will be asked for a stream.
     *
     * @param without the capabilities that the target is known to lack
     */
    static boolean appliesTo(
            ChatRequest request, boolean callerStreams, Target target, Limits limits, Set<Capability> without) {
        if (request.protocol().service() == Service.EMBEDDINGS
                || without.contains(Capability.STREAMING)
                || !target.supports(Feature.STREAMING)) {
            return false;
        }
        return callerStreams
                || switch (limits.upstreamStreaming()) {
                    case ON -> true;
                    case OFF -> false;
                    case AUTO -> request.streamable();
                };
    }
}
