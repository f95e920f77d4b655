package io.bactrian.behaviour;

import io.bactrian.protocol.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A Chat Completions request in the making. Each option returns the same object. */
final class Ask {
    private final Map<String, Object> body = new LinkedHashMap<>();
    private final List<String> headers = new ArrayList<>();

    private Ask(String model) {
        body.put("model", model);
        body.put("messages", List.of(Map.of("role", "user", "content", "Hi")));
    }

    static Ask of(String model) {
        return new Ask(model);
    }

    Ask stream(boolean on) {
        if (on) {
            body.put("stream", true);
            body.put("stream_options", Map.of("include_usage", true));
        }
        return this;
    }

    Ask fallbacks(String... names) {
        return field("fallbacks", List.of(names));
    }

    Ask field(String name, Object value) {
        body.put(name, value);
        return this;
    }

    Ask header(String name, String value) {
        headers.add(name);
        headers.add(value);
        return this;
    }

    String body() {
        return new String(Json.bytes(body), StandardCharsets.UTF_8);
    }

    String[] headers() {
        return headers.toArray(String[]::new);
    }
}
