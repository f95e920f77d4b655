package io.bactrian.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Limits.Rescue;
import io.bactrian.config.RequestBounds;
import io.bactrian.config.Service;
import io.bactrian.protocol.translation.ChatTarget;
import io.bactrian.protocol.translation.Translated;
import io.bactrian.protocol.translation.Untranslatable;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A protocol of callers: reads a request, and writes an answer or an error for the caller. Each protocol has one stateless
 * object, which the endpoint passes on with the request; no other code asks which protocol it is. Thread-safe.
 *
 * <p>Between two different protocols everything has the <em>canonical form</em>, which is that of Chat Completions. A caller
 * protocol translates its requests to it ({@link #toCanonical}), and answers from it ({@link #fromCanonical} and its
 * {@link StreamWriter}). {@code docs/adding-a-protocol.md} goes through the methods one by one.
 */
public interface CallerProtocol {

    /** The vendor whose clients speak it, as labels of metrics name it. */
    default String door() {
        return "openai";
    }

    /** The name in bean ids and stored keys, such as {@code chat-completions}. */
    String name();

    /** The path of its endpoint. Errors at this path and below have the format of this protocol. */
    String path();

    /** The service that its requests ask for. */
    default Service service() {
        return Service.CHAT;
    }

    // --- Requests

    /** A new reader for the fields of one request. */
    RequestFields newRequestFields();

    /** A new reader for the fields of one request whose tokens are only counted. */
    default RequestFields newCountedFields() {
        return newRequestFields();
    }

    /**
     * Reads a request.
     *
     * @throws RequestRejected if the body is not a request of this protocol, or exceeds the bounds
     */
    default ChatRequest read(byte[] body, RequestBounds bounds) {
        return ChatRequest.read(this, body, newRequestFields(), bounds);
    }

    /** Reads a request within the usual bounds. */
    default ChatRequest read(byte[] body) {
        return read(body, RequestBounds.USUAL);
    }

    /** The top-level fields whose texts are the prompt. */
    Set<String> promptFields();

    /** The fields inside the prompt whose texts do not count as tokens, because not every model is given them. */
    Set<String> silentFields();

    /** The beginning of the conversation, by which a balance group keeps a conversation at one target. */
    ConversationKey conversationKey(ChatRequest request);

    /**
     * The top-level fields that do not change the answer, such as the name of the user or the stream flag; stored answers
     * ignore them.
     */
    Set<String> incidentalFields();

    /**
     * The parts among {@link RequestFields#ownOnly} with which a request may be answered by a stored answer.
     *
     * @param tools whether answers to requests with tools are stored
     */
    default Set<String> repeatableParts(boolean tools) {
        return Set.of();
    }

    /**
     * Checks that a chain can do what only the vendor of this protocol does, where callers can do without it once they know.
     *
     * @param everywhereNative whether every candidate speaks this protocol
     * @throws RequestRejected if it cannot
     */
    default void check(ChatRequest request, boolean everywhereNative) {}

    /** The caller's headers that are passed on to a provider of the same protocol, in lower case. */
    List<String> forwardedHeaders();

    /** Whether the history of a request has tool calls or their results. */
    boolean hasToolTurns(ObjectNode request);

    /**
     * The request in the canonical form; the request's own tree if this protocol has that form.
     *
     * @param stream whether the target is asked for a stream
     * @throws Untranslatable if the canonical form cannot express a part of it
     */
    Translated toCanonical(ChatRequest request, ChatTarget target, boolean stream) throws Untranslatable;

    /**
     * The request that asks for the rest of an answer that broke off.
     *
     * @param committed the text that the caller has
     * @param tokens the tokens of that text, to be subtracted from the limit of the request
     * @param way {@code PREFILL} or {@code CONTINUE}
     */
    ChatRequest continuation(ChatRequest request, String committed, long tokens, Rescue way);

    /**
     * The check that a whole answer's text is the JSON that the request asks for, be it any object or what a schema says; null
     * if it asks for none.
     *
     * @throws io.bactrian.policy.CallFailed INVALID_REQUEST if the schema cannot be understood
     */
    @Nullable
    Consumer<String> schemaCheck(ChatRequest request);

    // --- Answers

    /** One event of a stream in this protocol's own form, read from its data; null if the data is not JSON. */
    @Nullable
    AnswerChunk chunk(byte[] json);

    /** A new assembler of a document from chunks in this protocol's own form. */
    AnswerAssembler newAssembler();

    /**
     * A new writer for one stream.
     *
     * @param requestId named in errors where the protocol has a field for it
     */
    StreamWriter newStreamWriter(String requestId);

    /** The document of this protocol for one in the canonical form. */
    ObjectNode fromCanonical(ObjectNode document);

    /**
     * The finish reason of each choice by its index: {@code stop} if the document has no such field, empty if the field is
     * null.
     */
    Map<Integer, String> finishReasons(ObjectNode document);

    /** The text of an answer. */
    String text(ObjectNode document);

    /** Whether an answer has any content: words, a tool call, or anything else for the caller. */
    default boolean says(ObjectNode document) {
        return !text(document).isEmpty();
    }

    /** The tokens of an answer; null if the document does not count them. */
    @Nullable
    Usage usage(ObjectNode document);

    /**
     * The answer of a {@code static} step: a fixed text that no model wrote and that cost no tokens. Null if a text is no answer
     * in this protocol.
     */
    @Nullable
    ObjectNode staticAnswer(String model, String text, Instant now);

    /** Whether an answer may be stored for the same request: it is whole and not a refusal. */
    boolean isCacheable(ObjectNode document);

    /**
     * Adds the usage to an answer without one, if callers of this protocol choose whether they get it; returns whether it did.
     */
    default boolean addUsage(ObjectNode document, Usage usage) {
        return false;
    }

    /** The answer to a request to count its tokens, if no provider counts them: a good guess at their number. */
    default ObjectNode estimate(ChatRequest request) {
        throw new UnsupportedOperationException(name() + " has no requests that count tokens");
    }

    // --- Models

    /** The request headers, in lower case, by which callers of this protocol are known at a path that protocols share. */
    default Set<String> markHeaders() {
        return Set.of();
    }

    /** A model that callers may ask for: a chain, a target or an alias. */
    default ObjectNode model(String name, Instant since) {
        return ModelList.model(name, since);
    }

    /**
     * The list of models, or the part of it that the query asks for.
     *
     * @param query the parameters of the query by name; null for one that is not there
     * @throws RequestRejected 400 if a parameter has no good value
     */
    default ObjectNode models(List<String> names, Instant since, UnaryOperator<@Nullable String> query) {
        return ModelList.of(names, since);
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
     * The value of a {@code reset} header: when the whole limit is available again.
     *
     * @param waitMillis the time until then
     * @param now the present time in epoch milliseconds
     */
    String limitReset(long waitMillis, long now);
}
