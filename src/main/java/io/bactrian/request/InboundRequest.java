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
 * @param arrival where and when it came in
 */
public record InboundRequest(
        String id,
        String caller,
        ChatRequest request,
        RequestOptions options,
        Reply reply,
        Cancellation cancellation,
        Map<String, String> forwardedHeaders,
        Arrival arrival) {
    public InboundRequest {
        forwardedHeaders = Map.copyOf(forwardedHeaders);
    }

    /** A request that a route of the gateway's owner has sent. */
    public InboundRequest(
            String id,
            String caller,
            ChatRequest request,
            RequestOptions options,
            Reply reply,
            Cancellation cancellation,
            Map<String, String> forwardedHeaders) {
        this(id, caller, request, options, reply, cancellation, forwardedHeaders, Arrival.at("camel"));
    }

    /**
     * The place and time at which a request came in.
     *
     * @param door the kind of entry: {@code openai}, {@code anthropic} or {@code camel}
     * @param nanos as {@link System#nanoTime} counts
     */
    public record Arrival(String door, long nanos) {

        /** An arrival now. */
        public static Arrival at(String door) {
            return new Arrival(door, System.nanoTime());
        }
    }

    /** A request that no caller can cancel. */
    public static InboundRequest of(String id, ChatRequest request, RequestOptions options, Reply reply) {
        return new InboundRequest(id, "", request, options, reply, new Cancellation(), Map.of());
    }
}
