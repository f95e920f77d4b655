package io.bactrian.protocol;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.protocol.RequestScan.Field;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request to one target: the caller's own bytes, except for the fields that the gateway or the target sets. Used
 * once. Not thread-safe.
 */
final class TargetBody {
    private static final byte[] NULL = "null".getBytes(US_ASCII);
    private static final byte[] MODEL = "\"model\":\"".getBytes(US_ASCII);
    private static final byte[] STREAM = "\"stream\":true".getBytes(US_ASCII);

    private final byte[] body;
    private final Map<String, JsonNode> extra;
    private final Map<String, byte @Nullable []> replaced;
    private final ByteArrayOutputStream out;

    TargetBody(byte[] body, Map<String, JsonNode> extra, Map<String, byte @Nullable []> replaced) {
        this.body = body;
        this.extra = extra;
        this.replaced = replaced;
        this.out = new ByteArrayOutputStream(body.length + 128);
    }

    byte[] write(List<Field> fields, String model, boolean asStream) {
        boolean modelWritten = false;
        boolean streamWritten = false;
        List<String> placed = new ArrayList<>(0);
        for (Field field : fields) {
            String name = field.name();
            if (extra.containsKey(name)) {
                continue;
            }
            if (replaced.containsKey(name)) {
                // A field that is null counts as missing: its replacement comes last.
                if (!isNull(field)) {
                    replace(name);
                    placed.add(name);
                }
                continue;
            }
            switch (name) {
                case "fallbacks" -> {}
                case "model" -> modelWritten = model(model);
                case "stream" -> streamWritten = asStream && write(STREAM);
                default -> copy(field);
            }
        }
        if (!modelWritten && !extra.containsKey("model")) {
            model(model);
        }
        if (asStream && !streamWritten && !extra.containsKey("stream")) {
            write(STREAM);
        }
        for (String name : replaced.keySet()) {
            if (!extra.containsKey(name) && !placed.contains(name)) {
                replace(name);
            }
        }
        extra.forEach((name, value) -> write(name, Json.bytes(value)));
        out.write('}');
        return out.toByteArray();
    }

    private boolean isNull(Field field) {
        int start = field.end() - NULL.length;
        return start > field.start() && Arrays.equals(body, start, field.end(), NULL, 0, NULL.length);
    }

    private void replace(String name) {
        byte[] value = replaced.get(name);
        if (value != null) {
            write(name, value);
        }
    }

    private boolean model(String model) {
        write(MODEL);
        out.writeBytes(JsonStringEncoder.getInstance().quoteAsUTF8(model));
        out.write('"');
        return true;
    }

    private void copy(Field field) {
        separate();
        out.write(body, field.start(), field.end() - field.start());
    }

    private boolean write(byte[] field) {
        separate();
        out.writeBytes(field);
        return true;
    }

    private void write(String name, byte[] value) {
        separate();
        out.writeBytes(Json.bytes(name));
        out.write(':');
        out.writeBytes(value);
    }

    private void separate() {
        out.write(out.size() == 0 ? '{' : ',');
    }
}
