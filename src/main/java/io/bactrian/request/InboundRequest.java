package io.bactrian.request;

import io.bactrian.protocol.ChatRequest;
import java.util.Map;

/**
 * A request as an endpoint hands it to {@code direct:chat}. Its components do not change; only the step {@code plan} makes a
 * {@link RequestContext} of it.
 *
 * @param caller the name of the caller's key; empty where callers need none
 * @param reply takes the answer, in the caller's protocol
 * @param cancellation cancelled when the caller no longer waits
 * @param forwardedHeaders the caller's headers for a provider of the same protocol
 * @param trace the trace of the request, {@link RequestTrace#NONE} if it is not traced
 */
public record InboundRequest(
        String id,
        String caller,
        ChatRequest request,
        RequestOptions options,
        Reply reply,
        Cancellation cancellation,
        Map<String, String> forwardedHeaders,
        RequestTrace trace) {
    public InboundRequest {
        forwardedHeaders = Map.copyOf(forwardedHeaders);
    }

    /** A request that is not traced. */
    public InboundRequest(
            String id,
            String caller,
            ChatRequest request,
            RequestOptions options,
            Reply reply,
            Cancellation cancellation,
            Map<String, String> forwardedHeaders) {
        this(id, caller, request, options, reply, cancellation, forwardedHeaders, RequestTrace.NONE);
    }

    /** A request that no caller can cancel. */
    public static InboundRequest of(
            String id, ChatRequest request, RequestOptions options, Reply reply, RequestTrace trace) {
        return new InboundRequest(id, "", request, options, reply, new Cancellation(), Map.of(), trace);
    }
}
