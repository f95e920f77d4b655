package io.bactrian.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.demo.Answer.Finish;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The simulated OpenAI Chat Completions protocol. Stateless.
 *
 * @param groq true for Groq's variant of it
 */
record SimulatedOpenAi(boolean groq) implements SimulatedProtocol {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    @Override
    public SimulatedRequest read(JsonNode request) {
        return OpenAiRequest.read(request);
    }

    @Override
    public String document(Answer answer, SimulatedRequest asked, String id) {
        ObjectNode root = root(id, "chat.completion", asked);
        ObjectNode choice = root.putArray("choices").addObject().put("index", 0);
        ObjectNode message = choice.putObject("message").put("role", "assistant");
        message.put("content", answer.tool() == null ? answer.text() : null);
        if (!groq) {
            message.putNull("refusal").putArray("annotations");
        }
        if (answer.tool() != null) {
            call(message.putArray("tool_calls").addObject(), id, answer.tool(), answer.text());
        }
        choice.putNull("logprobs").put("finish_reason", finish(answer));
        root.set("usage", usage(answer));
        root.putNull("system_fingerprint");
        if (groq) {
            root.putObject("x_groq").put("id", "req_" + id);
        }
        return root.put("service_tier", groq ? "on_demand" : "default").toString();
    }

    @Override
    public List<Event> events(Answer answer, SimulatedRequest asked, String id) {
        List<Event> events = new ArrayList<>();
        ObjectNode first = JSON.objectNode().put("role", "assistant").put("content", answer.tool() == null ? "" : null);
        if (!groq) {
            first.putNull("refusal");
        }
        ObjectNode start = chunk(asked, id, first, null);
        if (groq) {
            start.putObject("x_groq").put("id", "req_" + id);
        }
        events.add(event(start, false));
        if (answer.tool() != null) {
            ObjectNode open = JSON.objectNode();
            call(open.putArray("tool_calls").addObject().put("index", 0), id, answer.tool(), "");
            events.add(event(chunk(asked, id, open, null), false));
        }
        for (String token : answer.tokens()) {
            ObjectNode delta = JSON.objectNode();
            if (answer.tool() == null) {
                delta.put("content", token);
            } else {
                ObjectNode call = delta.putArray("tool_calls").addObject().put("index", 0);
                call.putObject("function").put("arguments", token);
            }
            events.add(event(chunk(asked, id, delta, null), true));
        }
        ObjectNode end = chunk(asked, id, JSON.objectNode(), finish(answer));
        if (groq) {
            end.putObject("x_groq").put("id", "req_" + id).set("usage", usage(answer));
        }
        events.add(event(end, false));
        if (asked.usageWanted()) {
            ObjectNode last = root(id, "chat.completion.chunk", asked);
            last.putArray("choices");
            last.set("usage", usage(answer));
            events.add(event(last, false));
        }
        events.add(new Event("data: [DONE]\n\n", false));
        return events;
    }

    @Override
    public String models(String model) {
        ObjectNode root = JSON.objectNode().put("object", "list");
        root.putArray("data")
                .addObject()
                .put("id", model)
                .put("object", "model")
                .put("created", 1795000000)
                .put("owned_by", "simulated");
        return root.toString();
    }

    @Override
    public Map<String, String> headers(String id) {
        Map<String, String> limits = Map.of(
                "x-request-id", "req_" + id,
                "x-ratelimit-limit-requests", groq ? "14400" : "500",
                "x-ratelimit-limit-tokens", groq ? "12000" : "200000",
                "x-ratelimit-remaining-requests", groq ? "14370" : "499",
                "x-ratelimit-remaining-tokens", groq ? "11900" : "199980",
                "x-ratelimit-reset-requests", groq ? "2m59.56s" : "120ms",
                "x-ratelimit-reset-tokens", groq ? "500ms" : "6ms");
        Map<String, String> all = new TreeMap<>(limits);
        if (groq) {
            all.put("x-groq-region", "demo");
        } else {
            all.put("openai-version", "2020-10-01");
            all.put("openai-organization", "simulated");
            all.put("openai-processing-ms", "412");
        }
        return all;
    }

    @Override
    public int overloadedStatus() {
        return 503;
    }

    @Override
    public String error(int status, String message) {
        String type = "invalid_request_error";
        String code = null;
        switch (status) {
            case 404 -> code = groq ? "unknown_url" : null;
            case 429 -> {
                type = groq ? "tokens" : "requests";
                code = "rate_limit_exceeded";
            }
            case 500 -> type = groq ? "internal_server_error" : "server_error";
            case 503 -> {
                type = groq ? "internal_server_error" : "service_unavailable_error";
                code = groq ? null : "server_is_overloaded";
            }
            default -> {}
        }
        ObjectNode root = JSON.objectNode();
        ObjectNode error = root.putObject("error").put("message", message).put("type", type);
        if (!groq) {
            error.putNull("param");
        }
        if (!groq || code != null) {
            error.put("code", code);
        }
        return root.toString();
    }

    private static String finish(Answer answer) {
        return answer.finish() == Finish.TOOL
                ? "tool_calls"
                : answer.finish().name().toLowerCase(Locale.ROOT);
    }

    private static void call(ObjectNode node, String id, String name, String arguments) {
        node.put("id", "call_" + id).put("type", "function");
        node.putObject("function").put("name", name).put("arguments", arguments);
    }

    private ObjectNode chunk(SimulatedRequest asked, String id, ObjectNode delta, @Nullable String finish) {
        ObjectNode root = root(id, "chat.completion.chunk", asked);
        ObjectNode choice = root.putArray("choices").addObject().put("index", 0);
        choice.set("delta", delta);
        choice.putNull("logprobs").put("finish_reason", finish);
        if (!groq && asked.usageWanted()) {
            root.putNull("usage");
        }
        return root;
    }

    private static Event event(ObjectNode chunk, boolean token) {
        return new Event("data: " + chunk + "\n\n", token);
    }

    private static ObjectNode root(String id, String object, SimulatedRequest asked) {
        return JSON.objectNode()
                .put("id", "chatcmpl-" + id)
                .put("object", object)
                .put("created", Instant.now().getEpochSecond())
                .put("model", asked.model());
    }

    private ObjectNode usage(Answer answer) {
        int out = answer.tokens().size();
        ObjectNode usage = JSON.objectNode()
                .put("prompt_tokens", answer.promptTokens())
                .put("completion_tokens", out)
                .put("total_tokens", answer.promptTokens() + out);
        if (groq) {
            return usage.put("queue_time", 0.03).put("completion_time", 0.02).put("total_time", 0.05);
        }
        usage.putObject("prompt_tokens_details").put("cached_tokens", 0);
        usage.putObject("completion_tokens_details").put("reasoning_tokens", 0);
        return usage;
    }
}
