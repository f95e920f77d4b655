package io.bactrian.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.testing.ModelAnswer.Piece;
import io.bactrian.testing.ModelAnswer.Tool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The protocol of a stub that speaks OpenAI Chat Completions. Stateless. */
final class OpenAiStub implements StubProtocol {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    public String path() {
        return "/chat/completions";
    }

    /** Also legacy completions and embeddings, to which a test gives the answers. */
    @Override
    public boolean serves(String path) {
        return path.endsWith("/completions") || path.endsWith("/embeddings");
    }

    @Override
    public String models() {
        return """
            {"object":"list","data":[{"id":"stub-model","object":"model","created":1795000000,"owned_by":"stub"}]}\
            """;
    }

    @Override
    public String document(ModelAnswer answer) {
        ObjectNode root = root(answer, "chat.completion");
        ObjectNode choice = root.putArray("choices").addObject().put("index", 0);
        ObjectNode message = choice.putObject("message").put("role", "assistant");
        message.put("content", answer.text().isEmpty() && !answer.tools().isEmpty() ? null : answer.text());
        message.putNull("refusal").putArray("annotations");
        if (!answer.tools().isEmpty()) {
            ArrayNode calls = message.putArray("tool_calls");
            answer.tools().forEach(tool -> call(calls.addObject(), tool, tool.arguments()));
        }
        choice.putNull("logprobs").put("finish_reason", answer.finish());
        root.set("usage", usage(answer));
        return root.toString();
    }

    @Override
    public List<String> start(ModelAnswer answer) {
        ObjectNode delta = JSON.createObjectNode().put("role", "assistant");
        delta.put("content", answer.tools().isEmpty() ? "" : null).putNull("refusal");
        return List.of(chunk(answer, delta, null));
    }

    @Override
    public List<Piece> pieces(ModelAnswer answer) {
        List<Piece> pieces = new ArrayList<>();
        for (String word : ModelAnswer.words(answer.text())) {
            pieces.add(
                    new Piece(List.of(), chunk(answer, JSON.createObjectNode().put("content", word), null)));
        }
        for (int i = 0; i < answer.tools().size(); i++) {
            Tool tool = answer.tools().get(i);
            ObjectNode open = JSON.createObjectNode();
            call(open.putArray("tool_calls").addObject().put("index", i), tool, "");
            List<String> before = List.of(chunk(answer, open, null));
            for (String part : ModelAnswer.pieces(tool.arguments())) {
                ObjectNode delta = JSON.createObjectNode();
                delta.putArray("tool_calls")
                        .addObject()
                        .put("index", i)
                        .putObject("function")
                        .put("arguments", part);
                pieces.add(new Piece(before, chunk(answer, delta, null)));
                before = List.of();
            }
        }
        return pieces;
    }

    @Override
    public List<String> finish(ModelAnswer answer, boolean usage) {
        String finish = chunk(answer, JSON.createObjectNode(), answer.finish());
        if (!usage) {
            return List.of(finish);
        }
        ObjectNode last = root(answer, "chat.completion.chunk");
        last.putArray("choices");
        last.set("usage", usage(answer));
        return List.of(finish, "data: " + last);
    }

    @Override
    public List<String> done() {
        return List.of("data: [DONE]");
    }

    @Override
    public String ping() {
        return ": keep-alive";
    }

    @Override
    public String error(String type, @Nullable String code, String message) {
        ObjectNode root = JSON.createObjectNode();
        root.putObject("error")
                .put("message", message)
                .put("type", type)
                .putNull("param")
                .put("code", code);
        return root.toString();
    }

    @Override
    public String errorEvent(String json) {
        return "data: " + json;
    }

    @Override
    public String malformed() {
        return "data:"
                + " {\"id\":\"chatcmpl-stub\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"delta\":{\"content\":";
    }

    @Override
    public Map<String, String> headers(int call) {
        return Map.of("x-request-id", "req_stub_" + call, "openai-version", "2020-10-01");
    }

    private static void call(ObjectNode node, Tool tool, String arguments) {
        node.put("id", tool.id()).put("type", "function");
        node.putObject("function").put("name", tool.name()).put("arguments", arguments);
    }

    private static String chunk(ModelAnswer answer, ObjectNode delta, @Nullable String finish) {
        ObjectNode root = root(answer, "chat.completion.chunk");
        ObjectNode choice = root.putArray("choices").addObject().put("index", 0);
        choice.set("delta", delta);
        choice.put("finish_reason", finish);
        return "data: " + root;
    }

    private static ObjectNode root(ModelAnswer answer, String object) {
        return JSON.createObjectNode()
                .put("id", answer.id())
                .put("object", object)
                .put("created", 1795000000)
                .put("model", answer.model());
    }

    private static ObjectNode usage(ModelAnswer answer) {
        return JSON.createObjectNode()
                .put("prompt_tokens", answer.promptTokens())
                .put("completion_tokens", answer.completionTokens())
                .put("total_tokens", answer.promptTokens() + answer.completionTokens());
    }
}
