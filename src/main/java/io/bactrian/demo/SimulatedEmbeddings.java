package io.bactrian.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * The simulated embeddings: a vector of length one that depends on the words of a text alone, so that it is the same at every
 * provider, and that is close to those of texts with the same words. Stateless.
 */
final class SimulatedEmbeddings {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final int DIMENSIONS = 1536;
    private static final int MOST_DIMENSIONS = 3072;
    /** The places of a vector that one word concerns. */
    private static final int PLACES = 24;

    private SimulatedEmbeddings() {}

    /**
     * The answer to a request.
     *
     * @throws IllegalArgumentException if the real provider would answer 400; the message is for the caller
     */
    static String document(JsonNode request) {
        List<String> texts = texts(request.path("input"));
        if (texts.isEmpty()) {
            throw new IllegalArgumentException("Invalid 'input': it must be a text or a list of texts.");
        }
        String model = request.path("model").asText("simulated");
        int usual = model.contains("large") ? MOST_DIMENSIONS : DIMENSIONS;
        int dimensions = request.path("dimensions").asInt(usual);
        if (dimensions < 1 || dimensions > MOST_DIMENSIONS) {
            throw new IllegalArgumentException(
                    "Invalid value for 'dimensions' = " + dimensions + ". It must be 1 to " + MOST_DIMENSIONS + ".");
        }
        boolean base64 = request.path("encoding_format").asText().equals("base64");
        ObjectNode root = JSON.objectNode().put("object", "list");
        ArrayNode data = root.putArray("data");
        int characters = 0;
        for (String text : texts) {
            ObjectNode entry = data.addObject().put("object", "embedding").put("index", data.size() - 1);
            float[] vector = vector(text, dimensions);
            if (base64) {
                entry.put("embedding", base64(vector));
            } else {
                ArrayNode numbers = entry.putArray("embedding");
                for (float number : vector) {
                    numbers.add(number);
                }
            }
            characters += text.length();
        }
        root.put("model", model);
        int tokens = 1 + characters / 4;
        root.putObject("usage").put("prompt_tokens", tokens).put("total_tokens", tokens);
        return root.toString();
    }

    /** The texts of a field that takes one, several, or tokens in their place. */
    static List<String> texts(JsonNode field) {
        if (field.isTextual()) {
            return List.of(field.asText());
        }
        if (field.path(0).isNumber()) {
            return List.of(field.toString());
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode item : field) {
            texts.add(item.isTextual() ? item.asText() : item.toString());
        }
        return texts;
    }

    private static float[] vector(String text, int dimensions) {
        double[] sum = new double[dimensions];
        for (String word : text.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+")) {
            SplittableRandom random = new SplittableRandom(31L * word.hashCode() + word.length());
            for (int i = 0; i < PLACES; i++) {
                sum[random.nextInt(dimensions)] += random.nextDouble() - 0.5;
            }
        }
        double length = 0;
        for (double number : sum) {
            length += number * number;
        }
        float[] vector = new float[dimensions];
        if (length == 0) {
            vector[0] = 1;
            return vector;
        }
        for (int i = 0; i < dimensions; i++) {
            vector[i] = (float) (sum[i] / Math.sqrt(length));
        }
        return vector;
    }

    private static String base64(float[] vector) {
        ByteBuffer bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float number : vector) {
            bytes.putFloat(number);
        }
        return Base64.getEncoder().encodeToString(bytes.array());
    }
}
