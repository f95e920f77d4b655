package io.bactrian.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Feature;
import io.bactrian.protocol.RequestScan.Field;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request as the caller sent it, in the caller's protocol, with a view of what the gateway itself reads. Unknown fields stay as
 * they are. Immutable but for what is made when first asked for; belongs to one request.
 */
public final class ChatRequest {
    private final CallerProtocol protocol;
    private final byte[] body;
    private final RequestFields read;
    private final List<Field> fields;
    private @Nullable ObjectNode tree;
    private int minTokens = -1;

    private ChatRequest(CallerProtocol protocol, byte[] body, RequestFields read) {
        this.protocol = protocol;
        this.body = body;
        this.read = read;
        this.fields = RequestScan.read(body, read);
    }

    /**
     * Reads a request.
     *
     * @param fields a fresh reader for its fields
     * @throws RequestRejected if it is not a request of the protocol
     */
    public static ChatRequest read(CallerProtocol protocol, byte[] body, RequestFields fields) {
        return new ChatRequest(protocol, body, fields);
    }

    /**
     * A request of another body, such as one that a caller's was turned into.
     *
     * @throws RequestRejected if it is not a request of the protocol
     */
    public static ChatRequest of(CallerProtocol protocol, ObjectNode tree) {
        return protocol.read(Json.bytes(tree));
    }

    /** The bytes as they came; not to be changed. */
    public byte[] body() {
        return body;
    }

    /** The protocol of its caller. */
    public CallerProtocol protocol() {
        return protocol;
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

    /** Parts of the request that no other protocol has words for, such as {@code audio} or {@code server-tools}. */
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
        if (minTokens < 0) {
            minTokens = MinTokenEstimate.of(body, fields, protocol.promptFields(), protocol.silentFields());
        }
        return minTokens;
    }

    /** The beginning of its conversation. */
    public ConversationKey conversationKey() {
        return protocol.conversationKey(this);
    }

    /** The top-level fields as they stand in the body. */
    List<Field> fields() {
        return fields;
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

    /** Whether a top-level field is there. */
    public boolean has(String name) {
        for (Field field : fields) {
            if (field.name().equals(name)) {
                return true;
            }
        }
        return false;
    }

    /**
     * The request for a target of the same protocol: the caller's own bytes, but for the model, {@code fallbacks}, the stream flag
     * where it differs, and the fields given here.
     *
     * @param extra the target's own fields, which replace the caller's
     * @param replaced fields that the protocol has to say otherwise: their values as JSON, null for one that is left out
     */
    public byte[] forTarget(
            String model, boolean asStream, Map<String, JsonNode> extra, Map<String, byte @Nullable []> replaced) {
        return new TargetBody(body, extra, replaced).write(fields, model, asStream);
    }
}
