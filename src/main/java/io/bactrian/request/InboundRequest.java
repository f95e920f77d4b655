package io.bactrian.request;

import io.bactrian.protocol.ChatRequest;
import java.util.Map;

/**
 * A request as an endpoint hands it to {@code direct:chat}. Immutable; the step {@code plan} alone makes a {@link RequestContext}
 * of it.
 *
 * @param caller the name of the caller's key; empty where callers have none
 * @param reply where the answer goes, in the caller's protocol
 * @param cancellation cancelled when the caller no longer waits
 * @param forwardedHeaders the caller's headers for a provider of the same protocol
 */
public record InboundRequest(
        String id,
        String caller,
        ChatRequest request,
        RequestOptions options,
        Reply reply,
        Cancellation cancellation,
        Map<String, String> forwardedHeaders) {
    public InboundRequest {
        forwardedHeaders = Map.copyOf(forwardedHeaders);
    }

    /** A request of a caller that cannot leave before its answer. */
    public static InboundRequest of(String id, ChatRequest request, RequestOptions options, Reply reply) {
        return new InboundRequest(id, "", request, options, reply, new Cancellation(), Map.of());
    }
}
