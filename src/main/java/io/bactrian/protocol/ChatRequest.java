package io.bactrian.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Feature;
import io.bactrian.protocol.RequestScan.Field;
import io.bactrian.protocol.anthropic.MessagesRequestFields;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request as the caller sent it, in the caller's dialect, with a view of what the gateway itself reads. Fields that nobody
 * here knows stay as they are. Immutable but for what is made when first asked for; belongs to one request.
 */
public final class ChatRequest {
    private final CallerProtocol dialect;
    private final byte[] body;
    private final RequestFields read;
    private final List<Field> fields;
    private @Nullable ObjectNode tree;
    private int leastTokens = -1;

    private ChatRequest(CallerProtocol dialect, byte[] body) {
        this(dialect, body, RequestFields.of(dialect));
    }

    private ChatRequest(CallerProtocol dialect, byte[] body, RequestFields read) {
        this.dialect = dialect;
        this.body = body;
        this.read = read;
        this.fields = RequestScan.read(body, read);
    }

    /**
     * Reads an OpenAI Chat Completions request.
     *
     * @throws RequestRejected if it is not a JSON object with messages
     */
    public static ChatRequest parse(byte[] body) {
        return new ChatRequest(CallerProtocol.CHAT, body);
    }

    /**
     * Reads an Anthropic Messages request.
     *
     * @throws RequestRejected if it is not a JSON object with messages and {@code max_tokens}
     */
    public static ChatRequest messages(byte[] body) {
        return new ChatRequest(CallerProtocol.MESSAGES, body);
    }

    /**
     * Reads an Anthropic Messages request that is not to be answered, only to be measured, and so names no limit.
     *
     * @throws RequestRejected if it is not a JSON object with messages
     */
    public static ChatRequest measured(byte[] body) {
        return new ChatRequest(CallerProtocol.MESSAGES, body, new MessagesRequestFields(false));
    }

    /**
     * A request of another body, such as one that a caller's was turned into.
     *
     * @throws RequestRejected if it is none
     */
    public static ChatRequest of(CallerProtocol dialect, ObjectNode tree) {
        return new ChatRequest(dialect, Json.bytes(tree));
    }

    /** The bytes as they came; not to be changed. */
    public byte[] body() {
        return body;
    }

    public CallerProtocol dialect() {
        return dialect;
    }

    /** The model name the caller wrote, null if it wrote none. */
    public @Nullable String model() {
        return read.model;
    }

    public boolean stream() {
        return read.stream;
    }

    /** Whether the caller of a stream gets its usage: in Chat Completions it has to ask for it. */
    public boolean includeUsage() {
        return read.includeUsage();
    }

    /** How many answers are wanted ({@code n}). */
    public int choices() {
        return read.choices();
    }

    /** Candidates the caller adds ({@code fallbacks}). */
    public List<String> fallbacks() {
        return read.fallbacks;
    }

    /** What a target must be able to do for a faithful answer. */
    public Set<Feature> needs() {
        return read.needs;
    }

    /** Parts of the request that no other dialect has words for, such as {@code audio} or {@code server-tools}. */
    public Set<String> ownOnly() {
        return read.ownOnly;
    }

    /** Whether the request asks for reasoning before the answer. */
    public boolean thinks() {
        return read.thinks;
    }

    /** Whether a tool call in the conversation has an id that some vendor refuses. */
    public boolean foreignIds() {
        return read.foreignIds;
    }

    /** Whether a document put together from a stream would lose nothing. */
    public boolean streamable() {
        return read.streamable();
    }

    /** Whether the prompt surely has more tokens than these; of a body too small for that not a byte is read. */
    public boolean exceeds(int tokens) {
        return MinTokenEstimate.most(body) > tokens && minTokens() > tokens;
    }

    /** A low estimate of the prompt's tokens: where it is too long for a model's window, the prompt surely is. */
    public int minTokens() {
        if (leastTokens < 0) {
            leastTokens = MinTokenEstimate.of(body, fields);
        }
        return leastTokens;
    }

    /** What its conversation began with. */
    public ConversationKey conversationKey() {
        return ConversationKey.of(body, fields);
    }

    /** The request as a tree; not to be changed. */
    public ObjectNode tree() {
        ObjectNode made = tree;
        if (made == null) {
            if (!(Json.parse(body) instanceof ObjectNode object)) {
                throw RequestRejected.invalid(null, "The request body must be a JSON object.");
            }
            made = object;
            tree = made;
        }
        return made;
    }

    /** The request for a target that speaks the same dialect and takes {@code stream_options}. */
    public byte[] forTarget(String model, boolean asStream, Map<String, JsonNode> extra) {
        return forTarget(model, asStream, true, extra);
    }

    /**
     * The request for a target that speaks the same dialect: the caller's own bytes, but for the model, {@code fallbacks}, the
     * stream flags where they differ, and the target's own fields.
     *
     * @param streamOptions whether a Chat Completions target may be sent {@code stream_options}; some servers refuse them
     */
    public byte[] forTarget(String model, boolean asStream, boolean streamOptions, Map<String, JsonNode> extra) {
        return new TargetBody(this, body, extra).write(fields, model, asStream, streamOptions);
    }
}
