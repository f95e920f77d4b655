package io.bactrian.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Service;
import io.bactrian.config.Target;
import io.bactrian.protocol.translation.Translated;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A protocol of providers: writes a request for a provider, and reads its answer. Each protocol has one stateless object.
 * Thread-safe.
 *
 * <p>If the caller uses the same protocol, request and answer pass as they came. Otherwise the request is translated from the
 * canonical form, and the answer to it.
 */
public interface ProviderProtocol {

    /** The name in bean ids and route ids, such as {@code openai}. */
    String name();

    /** The path that is appended to a provider's base URL. */
    String path();

    /**
     * Whether a model answers. Then the call may ask for a stream, and its outcome counts for the health of the target.
     */
    default boolean asksModel() {
        return true;
    }

    /**
     * The request in this protocol.
     *
     * @throws io.bactrian.policy.CallFailed if this protocol cannot express it: UNSUPPORTED if it lacks something,
     *     INVALID_REQUEST if the request is not what the caller's protocol says. Another target may accept it either way
     */
    Encoded encode(ChatRequest request, Target target, CallOptions options);

    /** Whether the caller uses the same protocol, so that the request passes as it came. */
    boolean isNative(ChatRequest request);

    /** Whether its models accept the beginning of an answer when the request asks for reasoning. */
    default boolean prefillsWhileThinking() {
        return true;
    }

    /** The protocol of its providers' token counts; null if they do not count tokens. */
    default @Nullable ProviderProtocol tokenCounter() {
        return null;
    }

    /** The protocol in which its providers serve a service; null if they do not serve it. */
    default @Nullable ProviderProtocol serving(Service service) {
        return service == Service.CHAT ? this : null;
    }

    /** The capabilities that {@link #encode} can do without if a target refuses them. */
    Set<Capability> negotiable(ChatRequest request);

    /**
     * The first part of a request that this protocol cannot express, as {@code x-bactrian-skipped} names it; null if there is
     * none.
     */
    default @Nullable String unsupported(ChatRequest request) {
        return isNative(request) || request.ownOnly().isEmpty()
                ? null
                : request.ownOnly().iterator().next();
    }

    /** A new reader for the events of one streamed answer. */
    Events events(ChatRequest request, CallOptions options);

    /**
     * The whole answer: as it is if the caller uses the same protocol and no other call began the answer, else in the canonical
     * form.
     *
     * @param json the bytes of the answer
     * @return null if it is not an answer in this protocol
     */
    @Nullable
    AnswerDocument document(ObjectNode answer, byte[] json, ChatRequest request, CallOptions options);

    /**
     * The whole answer, found by a scan of its bytes where a tree of all of it would be too large.
     *
     * @return null if there is no such scan, or if the answer has to be looked at as a tree
     */
    default @Nullable AnswerDocument scan(byte[] json, ChatRequest request) {
        return null;
    }

    /**
     * The check that a whole answer's text is the JSON that the request asks for, which a translated request needs; it throws
     * {@link io.bactrian.policy.CallFailed} INVALID_RESPONSE. Null if there is no check.
     */
    default @Nullable Consumer<String> check(ChatRequest request) {
        return isNative(request) || !request.asksJson() ? null : request.schemaCheck();
    }

    /**
     * A request that is ready to be sent.
     *
     * @param headers those beside the content type, the key and the headers that the provider is configured with
     * @param dropped the harmless fields that were left out
     */
    record Encoded(byte[] body, Map<String, String> headers, List<String> dropped) {

        /**
         * A translated request with the target's own fields. {@code fallbacks}, which only the gateway reads, does not count
         * as dropped.
         */
        public static Encoded of(Translated translated, Target target, Map<String, String> headers) {
            ObjectNode body = translated.body();
            target.body().forEach(body::set);
            List<String> dropped = new ArrayList<>(translated.dropped());
            dropped.remove("fallbacks");
            return new Encoded(Json.bytes(body), headers, dropped);
        }
    }

    /** A reader of the events of one streamed answer, which makes chunks of them. Not thread-safe. */
    interface Events {
        /** Whether the data of an event, which need not be JSON, marks the end of the stream. */
        default boolean isEndMark(byte[] data) {
            return false;
        }

        /** Reads an event; null if its data is not JSON. */
        @Nullable
        AnswerChunk read(byte[] data);

        /**
         * The chunks of one event.
         *
         * @return empty if the event has nothing for the caller; the event itself if nothing has to be translated
         * @throws io.bactrian.policy.CallFailed if the event is an error in a shape that is not read for every protocol
         */
        List<AnswerChunk> chunks(AnswerChunk event);

        /** The chunks that are left when the stream has ended. */
        List<AnswerChunk> end();

        /** Whether an event has ended the stream, so that nothing follows. */
        boolean ended();

        /**
         * Whether the arguments of a tool call have begun, and have not ended. At the token limit the model itself has cut them:
         * then they count as whole.
         */
        default boolean hasHalfCall() {
            return false;
        }

        /** The sign of the last event. */
        Sign sign();

        /** The token counts of the provider that no chunk has had yet; null if there are none. */
        default @Nullable Usage counted() {
            return null;
        }
    }

    /** The meaning of an event beside its content. */
    enum Sign {
        NONE,
        /** The provider is alive. */
        ALIVE,
        /** The model is reasoning. */
        THINKING,
        /** The finish reason is known; only the usage and the end of the stream follow. */
        ENDING
    }
}
