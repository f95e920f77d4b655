package io.bactrian.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Target;
import io.bactrian.protocol.translation.Translated;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A protocol that providers use: how a request is written for them, and how their answers are read. One stateless object for each
 * protocol. Thread-safe.
 */
public interface ProviderProtocol {

    /** The name in bean ids and route ids, such as {@code openai}. */
    String name();

    /** Appended to a provider's base URL. */
    String path();

    /**
     * Whether it is the model that answers: then it can be asked for a stream, and what becomes of a call says how the model
     * does.
     */
    default boolean asksModel() {
        return true;
    }

    /**
     * The request as this protocol says it.
     *
     * @throws io.bactrian.policy.CallFailed if it cannot be said: the caller's mistake, or nothing for this target
     */
    Encoded encode(ChatRequest request, Target target, CallOptions options);

    /** Whether the caller of a request uses the same protocol, so that the request passes as it came. */
    boolean isNative(ChatRequest request);

    /** Whether its models may be given the beginning of an answer although the request asks for reasoning. */
    default boolean prefillsWhileThinking() {
        return true;
    }

    /** The protocol in which its providers count the tokens of a request; null if they do not. */
    default @Nullable ProviderProtocol tokenCounter() {
        return null;
    }

    /** What can be left out or said in another way in such a request, where it is refused. */
    Set<Capability> negotiable(ChatRequest request);

    /** The first part of a request that this protocol has no words for, as {@code x-bactrian-skipped} names it; null if none. */
    default @Nullable String unsupported(ChatRequest request) {
        return isNative(request) || request.ownOnly().isEmpty()
                ? null
                : request.ownOnly().iterator().next();
    }

    /** A reader for the events of one streamed answer. */
    Events events(ChatRequest request, CallOptions options);

    /**
     * The whole answer: as it is where the caller uses the same protocol and nothing was committed yet, else in the canonical form.
     *
     * @param json the bytes of the answer
     * @return null if it is not an answer in this protocol
     */
    @Nullable
    AnswerDocument document(ObjectNode answer, byte[] json, ChatRequest request, CallOptions options);

    /**
     * The check of the text of a whole answer, where the request was translated and the gateway vouches for its schema; it throws
     * {@link io.bactrian.policy.CallFailed} INVALID_RESPONSE. Null if there is none.
     */
    default @Nullable Consumer<String> check(ChatRequest request) {
        return isNative(request) ? null : request.protocol().schemaCheck(request);
    }

    /**
     * A request ready to be sent.
     *
     * @param headers besides the content type, the key and the provider's own
     * @param dropped harmless parameters that were left out
     */
    record Encoded(byte[] body, Map<String, String> headers, List<String> dropped) {

        /** A translated request with the target's own fields; {@code fallbacks} is the gateway's to read, not lost. */
        public static Encoded of(Translated translated, Target target, Map<String, String> headers) {
            ObjectNode body = translated.body();
            target.body().forEach(body::set);
            List<String> dropped = new ArrayList<>(translated.dropped());
            dropped.remove("fallbacks");
            return new Encoded(Json.bytes(body), headers, dropped);
        }
    }

    /** Turns the events of one streamed answer into chunks that the caller's side can use. Not thread-safe. */
    interface Events {
        /** Whether the data of an event, which need not be JSON, is a mark that nothing follows. */
        default boolean isEndMark(byte[] data) {
            return false;
        }

        /** Reads an event; null if its data is not JSON. */
        @Nullable
        AnswerChunk read(byte[] data);

        /**
         * The chunks of one event.
         *
         * @return empty if it says nothing; the event itself where nothing need be translated
         */
        List<AnswerChunk> chunks(AnswerChunk event);

        /** What is left to say when the stream has ended. */
        List<AnswerChunk> end();

        /** Whether the protocol says that nothing follows. */
        boolean ended();

        /** What the last event showed, beside the chunks it may have had. */
        Sign sign();

        /** The tokens that the provider has counted so far and no chunk has told of; null if none. */
        default @Nullable Usage counted() {
            return null;
        }
    }

    /** What an event tells beside its content. */
    enum Sign {
        NONE,
        ALIVE,
        THINKING,
        /** Why the answer ended is known; only formalities follow. */
        ENDING
    }
}
