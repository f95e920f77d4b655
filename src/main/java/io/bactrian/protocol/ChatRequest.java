package io.bactrian.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Bound;
import io.bactrian.config.Feature;
import io.bactrian.config.RequestBounds;
import io.bactrian.protocol.RequestScan.Field;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A request as the caller sent it, with a view of the fields that the gateway reads. Unknown fields are kept as they are. The
 * tree and the token estimate are made when first asked for; otherwise immutable. Belongs to one request.
 */
public final class ChatRequest {
    private final CallerProtocol protocol;
    private final byte[] body;
    private final RequestFields read;
    private final List<Field> fields;
    private final RequestBounds bounds;
    private @Nullable ObjectNode tree;
    private @Nullable Consumer<String> schemaCheck;
    private boolean schemaRead;
    private Consumer<Bound> reached = bound -> {};
    private int minTokens = -1;

    private ChatRequest(
            CallerProtocol protocol, byte[] body, RequestFields read, JsonFactory json, RequestBounds bounds) {
        this.protocol = protocol;
        this.body = body;
        this.read = read;
        this.fields = RequestScan.read(body, read, json);
        this.bounds = bounds;
    }

    /**
     * Reads a request.
     *
     * @param fields a new reader for its fields
     * @throws RequestRejected if it is not a request of the protocol, or exceeds the bounds
     */
    public static ChatRequest read(CallerProtocol protocol, byte[] body, RequestFields fields, RequestBounds bounds) {
        fields.mostFallbacks = bounds.maxFallbacks();
        return new ChatRequest(protocol, body, fields, Json.within(bounds), bounds);
    }

    /**
     * A request that the gateway writes itself.
     *
     * @throws RequestRejected if it is not a request of the protocol
     */
    public static ChatRequest of(CallerProtocol protocol, ObjectNode tree) {
        return protocol.read(Json.bytes(tree));
    }

    /**
     * This request with another body, such as a rewritten one, which may be somewhat larger than a caller's.
     *
     * @throws RequestRejected if it is not a request of the protocol
     */
    public ChatRequest with(ObjectNode rewritten) {
        return new ChatRequest(
                protocol, Json.bytes(rewritten), protocol.newRequestFields(), Json.MAPPER.getFactory(), bounds);
    }

    /** The bytes as they came; must not be changed. */
    public byte[] body() {
        return body;
    }

    /** The protocol of its caller. */
    public CallerProtocol protocol() {
        return protocol;
    }

    /** The model name that the caller wrote, null if there is none. */
    public @Nullable String model() {
        return read.model;
    }

    public boolean stream() {
        return read.stream;
    }

    /** Whether the caller of a stream gets the usage; some protocols leave the choice to the caller. */
    public boolean includeUsage() {
        return read.includeUsage();
    }

    /** The number of answers that the request asks for. */
    public int choices() {
        return read.choices();
    }

    /** The candidates that the caller adds ({@code fallbacks}). */
    public List<String> fallbacks() {
        return read.fallbacks;
    }

    /** The features that a target must have. */
    public Set<Feature> needs() {
        return read.needs;
    }

    /** The parts of the request that no other protocol can express, such as {@code audio} or {@code server-tools}. */
    public Set<String> ownOnly() {
        return read.ownOnly;
    }

    /** Whether the request asks for reasoning before the answer. */
    public boolean thinks() {
        return read.thinks;
    }

    /** Whether it has several prompts, each of which has a context window to itself. */
    public boolean batch() {
        return read.batch;
    }

    /** Whether the request asks for JSON, of any shape or by a schema. */
    public boolean asksJson() {
        return read.jsonAnswer || read.needs.contains(Feature.JSON_SCHEMA);
    }

    /** Whether a tool call in the history has an id that some vendors refuse. */
    public boolean foreignIds() {
        return read.foreignIds;
    }

    /** Whether a document assembled from a stream would lose nothing. */
    public boolean streamable() {
        return read.streamable();
    }

    /** Whether the prompt certainly has more tokens than this. A body too small for that is not read. */
    public boolean exceeds(int tokens) {
        return MinTokenEstimate.most(body) > tokens && minTokens() > tokens;
    }

    /** A low estimate of the prompt's tokens: if the estimate exceeds a model's window, the prompt does. */
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

    /** The request as a tree; must not be changed. */
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

    /**
     * The check that a whole answer's text is the JSON that the request asks for; null if it asks for none.
     *
     * @throws io.bactrian.policy.CallFailed INVALID_REQUEST if the schema cannot be understood or is too large
     */
    public @Nullable Consumer<String> schemaCheck() {
        if (!schemaRead) {
            schemaCheck = protocol.schemaCheck(this);
            schemaRead = true;
        }
        return schemaCheck;
    }

    /** Has the bounds counted that the request reaches later. */
    public void onBound(Consumer<Bound> counter) {
        reached = counter;
    }

    /** Tells that the request has reached a bound. */
    void reached(Bound bound) {
        reached.accept(bound);
    }

    /** The bounds that the request was read within. */
    public RequestBounds bounds() {
        return bounds;
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
     * The request for a target of the same protocol: the caller's own bytes, except for the model, {@code fallbacks}, the stream
     * flag if it differs, and the fields given here.
     *
     * @param extra the target's own fields, which replace the caller's
     * @param replaced fields with other values than the caller's, as JSON; null for a field that is left out
     */
    public byte[] forTarget(
            String model, boolean asStream, Map<String, JsonNode> extra, Map<String, byte @Nullable []> replaced) {
        return new TargetBody(body, extra, replaced).write(fields, model, asStream);
    }
}
