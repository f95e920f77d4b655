package io.bactrian.protocol.translation;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The ids of translated answers: the provider's own id under the prefix of the caller's protocol, or a random one if
 * there is none. Thread-safe.
 */
final class AnswerIds {
    private static final String CHAT = "chatcmpl-";
    private static final String MESSAGES = "msg_";

    private AnswerIds() {}

    static String chat(@Nullable String id) {
        return swap(id, MESSAGES, CHAT);
    }

    static String messages(@Nullable String id) {
        return swap(id, CHAT, MESSAGES);
    }

    private static String swap(@Nullable String id, String from, String to) {
        if (id == null || id.isEmpty()) {
            return to + UUID.randomUUID().toString().replace("-", "");
        }
        if (id.startsWith(to)) {
            return id;
        }
        return to + (id.startsWith(from) ? id.substring(from.length()) : id);
    }
}
