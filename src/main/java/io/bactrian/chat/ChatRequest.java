package io.bactrian.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Feature;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An OpenAI Chat Completions request as the caller sent it, with a view of what the gateway itself reads. Fields that nobody
 * here knows stay as they are. Immutable but for the tree, which is made when first asked for; belongs to one request.
 */
public final class ChatRequest {
    private static final byte[] INCLUDE_USAGE = Json.bytes(Map.of("include_usage", true));

    private final byte[] body;
    private final RequestScan scan;
    private @Nullable ObjectNode tree;

    private ChatRequest(byte[] body, RequestScan scan) {
        this.body = body;
        this.scan = scan;
    }

    /**
     * Reads a request.
     *
     * @throws Refusal if it is not a JSON object with messages
     */
    public static ChatRequest parse(byte[] body) {
        return new ChatRequest(body, RequestScan.of(body));
    }

    /** The model name the caller wrote, null if it wrote none. */
    public @Nullable String model() {
        return scan.model;
    }

    public boolean stream() {
        return scan.stream;
    }

    /** Whether the caller of a stream asked for its usage. */
    public boolean includeUsage() {
        return scan.includeUsage;
    }

    /** How many answers are wanted ({@code n}). */
    public int choices() {
        return scan.choices;
    }

    /** Candidates the caller adds ({@code fallbacks}). */
    public List<String> fallbacks() {
        return scan.fallbacks;
    }

    /** What a target must be able to do for a faithful answer. */
    public Set<Feature> needs() {
        return scan.needs;
    }

    /** Parts of the request that only an OpenAI-compatible provider takes, such as {@code n} or {@code audio}. */
    public Set<String> openAiOnly() {
        return scan.openAiOnly;
    }

    /** Whether the request asks for reasoning before the answer. */
    public boolean thinks() {
        return scan.thinks;
    }

    /** Whether a document put together from a stream would lose nothing. */
    public boolean streamable() {
        return scan.streamable();
    }

    /** The request as a tree; not to be changed. */
    public ObjectNode tree() {
        ObjectNode made = tree;
        if (made == null) {
            if (!(Json.parse(body) instanceof ObjectNode object)) {
                throw Refusal.invalid(null, "The request body must be a JSON object.");
            }
            made = object;
            tree = made;
        }
        return made;
    }

    /**
     * The request for an OpenAI-compatible target: the caller's own bytes, but for the model, {@code fallbacks}, the stream
     * flags where they differ, and the target's own fields.
     */
    public byte[] forTarget(String model, boolean asStream, Map<String, JsonNode> extra) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(body.length + 128);
        boolean modelWritten = false;
        boolean streamWritten = false;
        boolean optionsWritten = false;
        for (RequestScan.Field field : scan.fields) {
            if (extra.containsKey(field.name())) {
                continue;
            }
            switch (field.name()) {
                case "fallbacks" -> {}
                case "model" -> modelWritten = write(out, "model", Json.bytes(model));
                case "stream" -> streamWritten = asStream && write(out, "stream", TRUE);
                case "stream_options" -> optionsWritten = asStream && writeOptions(out, field);
                default -> {
                    separate(out);
                    out.write(body, field.start(), field.end() - field.start());
                }
            }
        }
        if (!modelWritten && !extra.containsKey("model")) {
            write(out, "model", Json.bytes(model));
        }
        if (asStream && !streamWritten && !extra.containsKey("stream")) {
            write(out, "stream", TRUE);
        }
        if (asStream && !optionsWritten && !extra.containsKey("stream_options")) {
            write(out, "stream_options", INCLUDE_USAGE);
        }
        extra.forEach((name, value) -> write(out, name, Json.bytes(value)));
        out.write('}');
        return out.toByteArray();
    }

    private static final byte[] TRUE = {'t', 'r', 'u', 'e'};

    private boolean writeOptions(ByteArrayOutputStream out, RequestScan.Field field) {
        if (scan.includeUsage) {
            separate(out);
            out.write(body, field.start(), field.end() - field.start());
            return true;
        }
        JsonNode options = tree().get("stream_options");
        if (!(options instanceof ObjectNode object)) {
            return false;
        }
        return write(out, "stream_options", Json.bytes(object.deepCopy().put("include_usage", true)));
    }

    private static boolean write(ByteArrayOutputStream out, String name, byte[] value) {
        separate(out);
        out.writeBytes(Json.bytes(name));
        out.write(':');
        out.writeBytes(value);
        return true;
    }

    private static void separate(ByteArrayOutputStream out) {
        out.write(out.size() == 0 ? '{' : ',');
    }
}
