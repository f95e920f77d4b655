package io.bactrian.lastresort;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.CallerProtocol;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Usage;
import io.bactrian.request.DocumentReply;
import org.jspecify.annotations.Nullable;

/** What of a request that was answered is worth to be given again. Stateless. */
final class CacheableAnswer {
    private CacheableAnswer() {}

    /**
     * The document of an answer; null if it is not whole, a refusal, or too long to be kept.
     *
     * @param copy of a stream, of which it is made; null for the body
     * @param usage told where the caller of a stream had not asked for it: the next one may
     */
    static byte @Nullable [] of(
            @Nullable DocumentReply copy, byte @Nullable [] body, CallerProtocol protocol, @Nullable Usage usage) {
        byte[] bytes = body;
        if (copy != null) {
            copy.complete();
            bytes = copy.body();
        }
        if (bytes == null
                || bytes.length > StoredAnswer.MAX_BYTES
                || !(Json.parse(bytes) instanceof ObjectNode document)
                || !protocol.isCacheable(document)) {
            return null;
        }
        return usage != null && protocol.addUsage(document, usage) ? Json.bytes(document) : bytes;
    }
}
