package clients;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The frame of a client's program: one operation for each line of the standard input, one JSON object for each answer.
 */
public final class Operations {
    public static final ObjectMapper JSON = new ObjectMapper();

    private static final int LONGEST_ERROR = 500;

    private Operations() {}

    /** One thing that a client can be asked to do. */
    public interface Operation {
        /** Does it, and writes down what the client saw, as far as it came. */
        void run(JsonNode asked, ObjectNode seen) throws Exception;
    }

    /** Does the operation that each line names until the input ends. */
    public static void serve(Map<String, Operation> operations) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            JsonNode asked = JSON.readTree(line);
            ObjectNode seen = JSON.createObjectNode();
            Operation operation = operations.get(asked.path("do").asText());
            if (operation == null) {
                seen.put("offered", false);
            } else {
                run(operation, asked, seen);
            }
            System.out.println(seen);
        }
        // Some clients leave threads behind.
        System.exit(0);
    }

    private static void run(Operation operation, JsonNode asked, ObjectNode seen) {
        try {
            operation.run(asked, seen);
        } catch (Exception e) {
            String error = e.getClass().getSimpleName() + ": " + e.getMessage();
            seen.put("error", error.substring(0, Math.min(error.length(), LONGEST_ERROR)));
        }
    }

    public static String model(JsonNode asked) {
        return asked.path("model").asText();
    }

    public static String prompt(JsonNode asked) {
        return asked.path("prompt").asText();
    }

    /** What a tool answers. */
    public static String result(JsonNode asked) {
        return asked.path("result").asText();
    }
}
