package io.bactrian.lastresort;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.CallerProtocol;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Usage;
import io.bactrian.request.DocumentReply;
import org.jspecify.annotations.Nullable;

/** The part of an answered request that may be given again. Stateless. */
final class CacheableAnswer {
    private CacheableAnswer() {}

    /**
     * The document of an answer; null if it is incomplete, a refusal, or too long to be stored.
     *
     * @param copy the recorded stream from which the document is made; null if {@code body} is the document
     * @param usage added if the caller of a stream did not ask for it, because the next caller may
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
