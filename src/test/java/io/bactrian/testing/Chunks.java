package io.bactrian.testing;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.Json;
import io.bactrian.stream.SseEvent;
import io.bactrian.stream.SseReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Chunks of recorded streams, and of streams that a test writes itself. Stateless. */
public final class Chunks {
    private Chunks() {}

    public static List<ObjectNode> of(String fixture) {
        List<ObjectNode> chunks = new ArrayList<>();
        try (InputStream in = Chunks.class.getResourceAsStream("/fixtures/" + fixture)) {
            SseReader reader = new SseReader(in, 1 << 20);
            for (SseEvent event = reader.next(); event != null; event = reader.next()) {
                if (event.data() != null && Json.parse(event.data()) instanceof ObjectNode chunk) {
                    chunks.add(chunk);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return chunks;
    }

    public static ObjectNode document(String fixture) {
        try (InputStream in = Chunks.class.getResourceAsStream("/fixtures/" + fixture)) {
            return (ObjectNode) Json.MAPPER.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** JSON with single quotes. */
    public static ObjectNode json(String text) {
        return (ObjectNode) Json.parse(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    /** A chunk of one choice. */
    public static ObjectNode delta(String delta) {
        return json("{'id':'c1','model':'m','choices':[{'index':0,'delta':" + delta + ",'finish_reason':null}]}");
    }

    public static ObjectNode finish(String reason) {
        return json("{'id':'c1','model':'m','choices':[{'index':0,'delta':{},'finish_reason':'" + reason + "'}]}");
    }

    public static ObjectNode usage() {
        return json("{'id':'c1','model':'m','choices':[],'usage':{'prompt_tokens':9,'completion_tokens':4}}");
    }
}
