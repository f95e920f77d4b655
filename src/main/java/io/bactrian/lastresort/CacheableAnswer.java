package io.bactrian.lastresort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.CallerProtocol;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Usage;
import io.bactrian.request.DocumentReply;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What of a request that was answered is worth to be given again. Stateless. */
final class CacheableAnswer {
    private static final Set<String> REFUSALS = Set.of("refusal", "content_filter", "error", "");

    private CacheableAnswer() {}

    /**
     * The document of an answer; null if it is not whole, a refusal, or too long to be kept.
     *
     * @param copy of a stream, of which it is made; null for the body
     * @param usage told where the caller of a stream had not asked for it: the next one may
     */
    static byte @Nullable [] of(
            @Nullable DocumentReply copy, byte @Nullable [] body, CallerProtocol dialect, @Nullable Usage usage) {
        byte[] bytes = body;
        if (copy != null) {
            copy.complete();
            bytes = copy.body();
        }
        if (bytes == null
                || bytes.length > StoredAnswer.MAX_BYTES
                || !(Json.parse(bytes) instanceof ObjectNode document)
                || !isGood(document, dialect)) {
            return null;
        }
        if (dialect == CallerProtocol.CHAT && usage != null && !document.hasNonNull("usage")) {
            document.putObject("usage")
                    .put("prompt_tokens", usage.prompt())
                    .put("completion_tokens", usage.completion())
                    .put("total_tokens", usage.prompt() + usage.completion());
            return Json.bytes(document);
        }
        return bytes;
    }

    private static boolean isGood(ObjectNode document, CallerProtocol dialect) {
        if (dialect == CallerProtocol.MESSAGES) {
            return !REFUSALS.contains(document.path("stop_reason").asText(""))
                    && !document.path("content").isEmpty();
        }
        JsonNode choice = document.path("choices").path(0);
        return !REFUSALS.contains(choice.path("finish_reason").asText("stop"))
                && choice.path("message").path("refusal").asText("").isEmpty();
    }
}
