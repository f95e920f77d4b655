package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.protocol.ChatRequest;
import java.util.Map;

/** Bodies of requests as a provider of the caller's own protocol gets them. */
public final class TargetBodies {
    private TargetBodies() {}

    /** The body for a target that takes {@code stream_options}. */
    public static byte[] of(ChatRequest request, String model, boolean stream, Map<String, JsonNode> extra) {
        return of(request, model, stream, true, extra);
    }

    /** @param streamOptions whether the target takes {@code stream_options} */
    public static byte[] of(
            ChatRequest request, String model, boolean stream, boolean streamOptions, Map<String, JsonNode> extra) {
        boolean chat = request.protocol() == ChatCompletions.PROTOCOL;
        return request.forTarget(
                model, stream, extra, chat ? ChatProvider.streamOptions(request, stream && streamOptions) : Map.of());
    }
}
