package io.bactrian.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.demo.SimulatedRequest.Role;
import io.bactrian.demo.SimulatedRequest.Turn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The simulated protocol of OpenAI's legacy completions, with one choice for each prompt. Stateless.
 *
 * @param chat the provider's other protocol, whose errors and headers are the same
 */
record SimulatedCompletions(SimulatedOpenAi chat) implements SimulatedProtocol {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final int MAX_CHOICES = 64;

    @Override
    public SimulatedRequest read(JsonNode request) {
        List<Turn> prompts = new ArrayList<>();
        int characters = 0;
        int each = Math.clamp(request.path("n").asInt(1), 1, MAX_CHOICES);
        for (String prompt : SimulatedEmbeddings.texts(request.path("prompt"))) {
            characters += prompt.length();
            for (int i = 0; i < each; i++) {
                prompts.add(new Turn(Role.USER, prompt));
            }
        }
        if (prompts.isEmpty() || prompts.size() > MAX_CHOICES) {
            throw new IllegalArgumentException("Invalid 'prompt': expected 1 to " + MAX_CHOICES + " choices.");
        }
        return new SimulatedRequest(
                request.path("model").asText("simulated"),
                prompts,
                List.of(),
                null,
                null,
                request.path("max_tokens").asInt(),
                1 + characters / 4,
                request.path("stream").asBoolean(),
                request.path("stream_options").path("include_usage").asBoolean());
    }

    @Override
    public Answer answer(SimulatedRequest asked) {
        return SimulatedModel.completion(asked, asked.turns().getFirst().text());
    }

    @Override
    public String document(Answer answer, SimulatedRequest asked, String id) {
        ObjectNode root = root(id, asked);
        int tokens = 0;
        for (Turn prompt : asked.turns()) {
            Answer own = SimulatedModel.completion(asked, prompt.text());
            int index = root.withArray("choices").size();
            root.withArray("choices").add(choice(index, own.text(), finish(own)));
            tokens += own.tokens().size();
        }
        root.set("usage", usage(asked, tokens));
        return root.toString();
    }

    @Override
    public List<Event> events(Answer answer, SimulatedRequest asked, String id) {
        List<Event> events = new ArrayList<>();
        int tokens = 0;
        for (int index = 0; index < asked.turns().size(); index++) {
            Answer own =
                    SimulatedModel.completion(asked, asked.turns().get(index).text());
            for (String token : own.tokens()) {
                events.add(event(asked, id, choice(index, token, null), true));
            }
            events.add(event(asked, id, choice(index, "", finish(own)), false));
            tokens += own.tokens().size();
        }
        if (asked.usageWanted()) {
            ObjectNode last = root(id, asked);
            last.putArray("choices");
            last.set("usage", usage(asked, tokens));
            events.add(new Event("data: " + last + "\n\n", false));
        }
        events.add(new Event("data: [DONE]\n\n", false));
        return events;
    }

    @Override
    public String models(String model) {
        return chat.models(model);
    }

    @Override
    public Map<String, String> headers(String id) {
        return chat.headers(id);
    }

    @Override
    public int overloadedStatus() {
        return chat.overloadedStatus();
    }

    @Override
    public String error(int status, String message) {
        return chat.error(status, message);
    }

    private static Event event(SimulatedRequest asked, String id, ObjectNode choice, boolean token) {
        ObjectNode root = root(id, asked);
        root.putArray("choices").add(choice);
        return new Event("data: " + root + "\n\n", token);
    }

    private static ObjectNode root(String id, SimulatedRequest asked) {
        return JSON.objectNode()
                .put("id", "cmpl-" + id)
                .put("object", "text_completion")
                .put("created", Instant.now().getEpochSecond())
                .put("model", asked.model());
    }

    private static ObjectNode choice(int index, String text, @Nullable String finish) {
        return JSON.objectNode()
                .put("text", text)
                .put("index", index)
                .putNull("logprobs")
                .put("finish_reason", finish);
    }

    private static String finish(Answer answer) {
        return answer.finish().name().toLowerCase(Locale.ROOT);
    }

    private static ObjectNode usage(SimulatedRequest asked, int tokens) {
        return JSON.objectNode()
                .put("prompt_tokens", asked.promptTokens())
                .put("completion_tokens", tokens)
                .put("total_tokens", asked.promptTokens() + tokens);
    }
}
