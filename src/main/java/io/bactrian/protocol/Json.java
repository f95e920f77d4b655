package io.bactrian.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.RequestBounds;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Failure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The JSON mapper of the gateway. It sets no limit on the length of strings, because bodies are limited before they are
 * parsed.
 */
public final class Json {
    /** The most characters of a name: parsers keep some thousand of them for the next document. */
    private static final int MAX_NAME = 2_000;

    private static final int MAX_DEPTH = 1_000;

    public static final ObjectMapper MAPPER = new ObjectMapper(factory(MAX_DEPTH, -1));

    /** The most values, names and brackets of a provider's document. A tree takes about 50 bytes for each. */
    private static final long MAX_ANSWER = 2_000_000;

    /** The most objects and lists of a provider's document beside its log probabilities, which are many for good reason. */
    private static final int MAX_CONTAINERS = 50_000;

    /** The end of the names of log probabilities, at all vendors. */
    private static final String PROBABILITIES = "probs";

    private static final ObjectReader ANY = MAPPER.reader();

    static final ObjectReader ANSWERS = new ObjectMapper(factory(MAX_DEPTH, MAX_ANSWER)).reader();

    private static final Map<Bounds, JsonFactory> BOUNDED = new ConcurrentHashMap<>();

    private Json() {}

    private record Bounds(int depth, long parts) {}

    private static JsonFactory factory(int depth, long parts) {
        return JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxStringLength(Integer.MAX_VALUE)
                        .maxNameLength(MAX_NAME)
                        .maxNestingDepth(depth)
                        .maxTokenCount(parts)
                        .build())
                // Names that callers choose have no place in the table of the virtual machine.
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                // The default keeps buffers per thread, and every request has a thread of its own.
                .recyclerPool(JsonRecyclerPools.newConcurrentDequePool())
                .build();
    }

    /** The maker of parsers that throw if a document exceeds the bounds of requests. */
    static JsonFactory within(RequestBounds bounds) {
        return BOUNDED.computeIfAbsent(
                new Bounds(bounds.maxDepth(), bounds.maxNodes()), known -> factory(known.depth(), known.parts()));
    }

    /** The tree of a JSON text; null if the bytes are not JSON. */
    public static @Nullable JsonNode parse(byte[] bytes) {
        return parse(ANY, bytes);
    }

    /**
     * The tree of a provider's document or event; null if the bytes are not JSON.
     *
     * @throws CallFailed INVALID_RESPONSE if it has too many parts, or too many objects and lists where an answer has few
     */
    public static @Nullable JsonNode answer(byte[] bytes) {
        JsonNode node = parse(ANSWERS, bytes);
        if (node != null && bytes.length > MAX_CONTAINERS && containersLeft(node, MAX_CONTAINERS) < 0) {
            throw tooComplex();
        }
        return node;
    }

    /** How many of some objects and lists are left after those of a node; negative if it has more. */
    private static int containersLeft(JsonNode node, int before) {
        int left = before - 1;
        if (node instanceof ObjectNode object) {
            for (Map.Entry<String, JsonNode> field : object.properties()) {
                JsonNode value = field.getValue();
                if (left >= 0 && value.isContainerNode() && !field.getKey().endsWith(PROBABILITIES)) {
                    left = containersLeft(value, left);
                }
            }
        } else {
            for (int i = 0; i < node.size() && left >= 0; i++) {
                JsonNode value = node.get(i);
                if (value.isContainerNode()) {
                    left = containersLeft(value, left);
                }
            }
        }
        return left;
    }

    /** A parser of a provider's event; {@link #notRead} says what its exception means. */
    public static JsonParser parser(byte[] event) throws IOException {
        return ANSWERS.getFactory().createParser(event);
    }

    /**
     * Takes the exception of a parser for JSON that is none.
     *
     * @throws CallFailed INVALID_RESPONSE if it may be JSON, but has too many parts
     */
    public static void notRead(IOException e) {
        if (e instanceof StreamConstraintsException) {
            throw tooComplex();
        }
    }

    private static CallFailed tooComplex() {
        return new CallFailed(Failure.tooLong("the answer is too complex"));
    }

    private static @Nullable JsonNode parse(ObjectReader reader, byte[] bytes) {
        try {
            JsonNode node = reader.readTree(bytes);
            return node == null || node.isMissingNode() ? null : node;
        } catch (IOException e) {
            if (reader == ANSWERS) {
                notRead(e);
            }
            return null;
        }
    }

    public static byte[] bytes(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
