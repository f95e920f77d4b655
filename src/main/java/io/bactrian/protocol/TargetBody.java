package io.bactrian.protocol;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.RequestScan.Field;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;

/**
 * A request's body as it goes to one target: the caller's own bytes, but for what the gateway and the target have to say. Used
 * once. Not thread-safe.
 */
final class TargetBody {
    private static final byte[] MODEL = "\"model\":\"".getBytes(US_ASCII);
    private static final byte[] STREAM = "\"stream\":true".getBytes(US_ASCII);
    private static final byte[] OPTIONS = "\"stream_options\":{\"include_usage\":true}".getBytes(US_ASCII);

    private final ChatRequest request;
    private final byte[] body;
    private final Map<String, JsonNode> extra;
    private final ByteArrayOutputStream out;

    TargetBody(ChatRequest request, byte[] body, Map<String, JsonNode> extra) {
        this.request = request;
        this.body = body;
        this.extra = extra;
        this.out = new ByteArrayOutputStream(body.length + 128);
    }

    byte[] write(List<Field> fields, String model, boolean asStream, boolean streamOptions) {
        boolean chat = request.dialect() == CallerProtocol.CHAT;
        boolean options = chat && asStream && streamOptions;
        boolean modelWritten = false;
        boolean streamWritten = false;
        boolean optionsWritten = false;
        for (Field field : fields) {
            if (extra.containsKey(field.name())) {
                continue;
            }
            switch (field.name()) {
                case "fallbacks" -> {}
                case "model" -> modelWritten = model(model);
                case "stream" -> streamWritten = asStream && write(STREAM);
                case "stream_options" -> optionsWritten = chat ? options && options(field) : copy(field);
                default -> copy(field);
            }
        }
        if (!modelWritten && !extra.containsKey("model")) {
            model(model);
        }
        if (asStream && !streamWritten && !extra.containsKey("stream")) {
            write(STREAM);
        }
        if (options && !optionsWritten && !extra.containsKey("stream_options")) {
            write(OPTIONS);
        }
        extra.forEach((name, value) -> write(name, Json.bytes(value)));
        out.write('}');
        return out.toByteArray();
    }

    private boolean options(Field field) {
        if (request.includeUsage()) {
            return copy(field);
        }
        return request.tree().get("stream_options") instanceof ObjectNode given
                && write("stream_options", Json.bytes(given.deepCopy().put("include_usage", true)));
    }

    private boolean model(String model) {
        write(MODEL);
        out.writeBytes(JsonStringEncoder.getInstance().quoteAsUTF8(model));
        out.write('"');
        return true;
    }

    private boolean copy(Field field) {
        separate();
        out.write(body, field.start(), field.end() - field.start());
        return true;
    }

    private boolean write(byte[] field) {
        separate();
        out.writeBytes(field);
        return true;
    }

    private boolean write(String name, byte[] value) {
        separate();
        out.writeBytes(Json.bytes(name));
        out.write(':');
        out.writeBytes(value);
        return true;
    }

    private void separate() {
        out.write(out.size() == 0 ? '{' : ',');
    }
}
