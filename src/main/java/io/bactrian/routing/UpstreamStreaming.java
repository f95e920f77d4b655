package io.bactrian.routing;

import io.bactrian.config.Feature;
import io.bactrian.config.Limits;
import io.bactrian.config.Target;
import io.bactrian.protocol.Capability;
import io.bactrian.protocol.ChatRequest;
import java.util.Set;

/** Says who is asked for a stream. */
final class UpstreamStreaming {

    private UpstreamStreaming() {}

    /**
     * Whether a target will be asked for a stream.
     *
     * @param without what the target turned out not to take
     */
    static boolean asked(
            ChatRequest request, boolean callerStreams, Target target, Limits limits, Set<Capability> without) {
        if (without.contains(Capability.STREAMING) || !target.supports(Feature.STREAMING)) {
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
