package io.bactrian.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Limits.Rescue;
import io.bactrian.protocol.translation.ChatTarget;
import io.bactrian.protocol.translation.Translated;
import io.bactrian.protocol.translation.Untranslatable;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A protocol that callers use: how a request is read, and how an answer or an error is written for its caller. One stateless
 * object for each protocol; the endpoint hands it in with the request, and nothing switches on which one it is. Thread-safe.
 *
 * <p>What providers of other protocols need and give has the <em>canonical form</em>, which is that of Chat Completions: a
 * protocol translates its requests to it ({@link #toCanonical}) and answers from it ({@link #fromCanonical}, its
 * {@link StreamWriter}).
 */
public interface CallerProtocol {

    /** The name in bean ids and stored keys, such as {@code chat-completions}. */
    String name();

    /** The path of its endpoint; errors at this path and below it have this protocol's format. */
    String path();

    // --- Requests

    /** A new reader for the fields of one request. */
    RequestFields newRequestFields();

    /** A new reader for the fields of one request whose tokens are to be counted and that is not to be answered. */
    default RequestFields newCountedFields() {
        return newRequestFields();
    }

    /**
     * Reads a request.
     *
     * @throws RequestRejected if the body is not a request of this protocol
     */
    default ChatRequest read(byte[] body) {
        return ChatRequest.read(this, body, newRequestFields());
    }

    /** The top-level fields whose texts are the prompt. */
    Set<String> promptFields();

    /** The fields inside the prompt whose texts are not counted as tokens: they are not part of every model's prompt. */
    Set<String> silentFields();

    /** The beginning of a request's conversation, by which a balance group keeps the conversation at one target. */
    ConversationKey conversationKey(ChatRequest request);

    /** The top-level fields that do not change what is asked: who asks, how the answer travels, what it costs. */
    Set<String> incidentalFields();

    /**
     * The parts among {@link RequestFields#ownOnly} with which a request may be answered by a stored answer.
     *
     * @param tools whether answers to requests with tools are stored
     */
    default Set<String> repeatableParts(boolean tools) {
        return Set.of();
    }

    /** The caller's headers that are passed on to a provider of the same protocol, in lower case. */
    List<String> forwardedHeaders();

    /** Whether the history of a request holds calls of tools or their results. */
    boolean hasToolTurns(ObjectNode request);

    /**
     * The request in the canonical form; the tree of the request itself where this is that form.
     *
     * @param stream whether the target is asked for a stream
     * @throws Untranslatable if the canonical form has no words for a part of it
     */
    Translated toCanonical(ChatRequest request, ChatTarget target, boolean stream) throws Untranslatable;

    /**
     * The request that asks for the rest of an answer that broke off.
     *
     * @param committed the text that the caller has
     * @param tokens the tokens of that text, which the limit of the request no longer has
     * @param way {@code PREFILL} or {@code CONTINUE}
     */
    ChatRequest continuation(ChatRequest request, String committed, long tokens, Rescue way);

    /**
     * The check of a whole answer's text against the JSON schema that the request names; null if it names none.
     *
     * @throws io.bactrian.policy.CallFailed INVALID_REQUEST if the schema cannot be understood
     */
    @Nullable
    Consumer<String> schemaCheck(ChatRequest request);

    // --- Answers

    /** One event of a stream in this protocol's own form; null if the bytes are not JSON. */
    @Nullable
    AnswerChunk chunk(byte[] json);

    /** A new assembler that makes a document of chunks in this protocol's own form. */
    AnswerAssembler newAssembler();

    /**
     * A new writer for one stream.
     *
     * @param requestId named in errors where the protocol has a field for it
     */
    StreamWriter newStreamWriter(String requestId);

    /** A document of this protocol, made of one in the canonical form. */
    ObjectNode fromCanonical(ObjectNode document);

    /** The finish reason of each choice; {@code stop} where the document has none, empty where it says that there is none. */
    Map<Integer, String> finishReasons(ObjectNode document);

    /** The text of an answer. */
    String text(ObjectNode document);

    /** The tokens of an answer; null if the document does not count them. */
    @Nullable
    Usage usage(ObjectNode document);

    /** An answer of no model: a fixed text, whole, that cost nothing. */
    ObjectNode staticAnswer(String model, String text, Instant now);

    /** Whether an answer may be given again to the same request: whole, and not a refusal. */
    boolean isCacheable(ObjectNode document);

    /** Adds the usage to an answer that does not count its tokens, where the protocol leaves that to the caller's choice. */
    default boolean addUsage(ObjectNode document, Usage usage) {
        return false;
    }

    // --- Errors and headers

    /** The error document of a problem. */
    ObjectNode error(Problem problem, String requestId);

    /** The HTTP status of a problem. */
    int status(Problem problem);

    /** The response headers that hold the id of the request. */
    List<String> requestIdHeaders();

    /**
     * The name of a rate-limit header.
     *
     * @param kind {@code requests} or {@code tokens}
     * @param figure {@code limit}, {@code remaining} or {@code reset}
     */
    String limitHeader(String kind, String figure);

    /**
     * The value of a rate-limit header for the time at which the limit is whole again.
     *
     * @param waitMillis until then
     * @param now epoch milliseconds
     */
    String limitReset(long waitMillis, long now);
}
