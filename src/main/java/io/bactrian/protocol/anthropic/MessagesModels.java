package io.bactrian.protocol.anthropic;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.RequestRejected;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The list of models in Anthropic's form, page by page. Stateless. */
final class MessagesModels {
    private static final int DEFAULT_LIMIT = 20;
    private static final int MAX_LIMIT = 1000;

    private MessagesModels() {}

    static ObjectNode model(String name, Instant since) {
        return Json.MAPPER
                .createObjectNode()
                .put("type", "model")
                .put("id", name)
                .put("display_name", name)
                .put("created_at", since.truncatedTo(ChronoUnit.SECONDS).toString())
                .put("lifecycle", "active");
    }

    /**
     * The page that the query asks for: {@code limit} models after {@code after_id} or before {@code before_id}.
     *
     * @throws RequestRejected 400 if the limit is out of its range, or there is no such model
     */
    static ObjectNode page(List<String> names, Instant since, UnaryOperator<@Nullable String> query) {
        int limit = limit(query.apply("limit"));
        int after = position(names, "after_id", query.apply("after_id"));
        int before = position(names, "before_id", query.apply("before_id"));
        int from = after + 1;
        int to = before < 0 ? names.size() : before;
        boolean backwards = before >= 0 && after < 0;
        boolean more = to - from > limit;
        if (more && backwards) {
            from = to - limit;
        } else if (more) {
            to = from + limit;
        }
        List<String> page = from < to ? names.subList(from, to) : List.of();
        ObjectNode list = Json.MAPPER.createObjectNode();
        ArrayNode data = list.putArray("data");
        page.forEach(name -> data.add(model(name, since)));
        list.put("has_more", more);
        list.put("first_id", page.isEmpty() ? null : page.getFirst());
        list.put("last_id", page.isEmpty() ? null : page.getLast());
        return list;
    }

    private static int limit(@Nullable String text) {
        if (text == null) {
            return DEFAULT_LIMIT;
        }
        int limit = text.matches("\\d{1,6}") ? Integer.parseInt(text) : 0;
        if (limit < 1 || limit > MAX_LIMIT) {
            throw RequestRejected.invalid("limit", "'limit' must be a whole number from 1 to " + MAX_LIMIT + ".");
        }
        return limit;
    }

    /** The position of a model in the list; -1 if none is named. */
    private static int position(List<String> names, String parameter, @Nullable String name) {
        if (name == null || name.isEmpty()) {
            return -1;
        }
        int position = names.indexOf(name);
        if (position < 0) {
            throw RequestRejected.invalid(
                    parameter, "'" + parameter + "' must be the id of a model in this list; '" + name + "' is not.");
        }
        return position;
    }
}
