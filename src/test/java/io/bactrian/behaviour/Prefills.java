package io.bactrian.behaviour;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Call;
import io.bactrian.testing.ModelReply;
import io.bactrian.testing.Reply;
import java.util.function.Function;

/** Models that are asked to go on with the beginning of an answer, in either protocol. Stateless. */
final class Prefills {
    private Prefills() {}

    /** A model that goes on with what is put into its mouth. */
    static Function<Call, Reply> goesOn(Function<String, ModelReply> says, String words) {
        return call ->
                says.apply(isPrefilled(call) ? words.substring(lastText(call).length()) : words);
    }

    /** A model that refuses to. */
    static Function<Call, Reply> refuses(Reply otherwise) {
        return call -> isPrefilled(call)
                ? Reply.error(
                        400,
                        "invalid_request_error",
                        null,
                        "This model does not support assistant message prefill. The conversation must end with a user"
                                + " message.")
                : otherwise;
    }

    private static boolean isPrefilled(Call call) {
        return last(call).path("role").asText().equals("assistant");
    }

    private static JsonNode last(Call call) {
        JsonNode messages = call.json().path("messages");
        return messages.path(messages.size() - 1);
    }

    /** The text of the last message of a call. */
    static String lastText(Call call) {
        JsonNode content = last(call).path("content");
        return content.isTextual()
                ? content.asText()
                : content.path(0).path("text").asText();
    }
}
