package io.bactrian.testing;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A request to the gateway, in Chat Completions unless another caller makes it. Each option returns the same object. */
public final class Request {
    private final String model;
    private final ObjectNode fields = Json.MAPPER.createObjectNode();
    private final List<String> headers = new ArrayList<>();
    private Caller caller = Caller.CHAT;
    private boolean stream;

    private Request(String model) {
        this.model = model;
    }

    /** A request for one document, with the user message {@code Hi}. */
    public static Request of(String model) {
        return new Request(model);
    }

    public Request by(Caller who) {
        caller = who;
        return this;
    }

    public Request stream(boolean on) {
        stream = on;
        return this;
    }

    public Request fallbacks(String... names) {
        return field("fallbacks", List.of(names));
    }

    /** Says this instead of {@code Hi}. */
    public Request saying(String words) {
        return field("messages", List.of(Map.of("role", "user", "content", words)));
    }

    public Request field(String name, Object value) {
        fields.set(name, Json.MAPPER.valueToTree(value));
        return this;
    }

    /** Adds the fields of a JSON object, or replaces what is there. */
    public Request fields(String json) {
        fields.setAll((ObjectNode) Objects.requireNonNull(Json.parse(json.getBytes(StandardCharsets.UTF_8))));
        return this;
    }

    public Request header(String name, String value) {
        headers.add(name);
        headers.add(value);
        return this;
    }

    public String path() {
        return caller.path();
    }

    public String body() {
        return caller.body(model, stream, fields);
    }

    /** Name, value, name, value. */
    public String[] headers() {
        return headers.toArray(String[]::new);
    }
}
