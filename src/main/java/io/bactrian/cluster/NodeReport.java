package io.bactrian.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One message of a node: the targets that have changed, or all that are not well. Times travel as what is left of them, because the
 * clocks of two nodes may differ. Immutable.
 *
 * @param node the name of the node
 * @param boot what tells this start of a gateway from every other
 * @param sequence greater than in every earlier report of this boot
 * @param complete true if every target that is not named is well
 */
record NodeReport(String node, String boot, long sequence, boolean complete, List<SharedTarget> targets) {
    /** The value of {@code kind}; other documents on the topic are not for nodes. */
    static final String KIND = "nodes";

    private static final int MAX_CHARS = 4_000_000;
    private static final int MAX_TARGETS = 10_000;
    private static final int MAX_NAME = 300;
    private static final long MAX_MILLIS = 24 * 60 * 60 * 1000L;
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");
    private static final Pattern BOOT = Pattern.compile("[0-9a-f]{16}");

    NodeReport {
        targets = List.copyOf(targets);
    }

    /** The report as JSON in one line. */
    String json(long now) {
        ObjectNode document = Json.MAPPER
                .createObjectNode()
                .put("kind", KIND)
                .put("time", Instant.ofEpochMilli(now).toString())
                .put("node", node)
                .put("boot", boot)
                .put("sequence", sequence)
                .put("complete", complete);
        ArrayNode all = document.putArray("targets");
        targets.forEach(target -> all.add(json(target, now)));
        return new String(Json.bytes(document), StandardCharsets.UTF_8);
    }

    private static ObjectNode json(SharedTarget target, long now) {
        ObjectNode out = Json.MAPPER
                .createObjectNode()
                .put("name", target.name())
                .put("endpoint", target.endpoint())
                .put("breaker", target.breaker().name());
        if (target.openUntil() > 0) {
            out.put("openMs", Math.max(0, target.openUntil() - now));
        }
        if (target.by() != null) {
            out.put("by", target.by());
        }
        if (target.byHand()) {
            out.put("byHand", true);
        }
        FailureClass cooling = target.cooling();
        if (cooling != null) {
            out.put("class", cooling.name()).put("coolingMs", Math.max(0, target.coolingUntil() - now));
        }
        return out;
    }

    /**
     * Reads a report.
     *
     * @return null if it is a document for others, such as that of a round
     * @throws IllegalArgumentException if it is neither; its message says why and quotes nothing
     */
    static @Nullable NodeReport read(@Nullable String json, long now) {
        if (json == null || json.length() > MAX_CHARS) {
            throw new IllegalArgumentException("no text, or too long");
        }
        JsonNode document;
        try {
            document = Json.MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no JSON", e);
        }
        if (!document.isObject()) {
            throw new IllegalArgumentException("no JSON object");
        }
        if (!document.path("kind").asText().equals(KIND)) {
            if (document.path("targets").isArray()) {
                return null;
            }
            throw new IllegalArgumentException("no targets");
        }
        String boot = document.path("boot").asText();
        if (!BOOT.matcher(boot).matches()) {
            throw new IllegalArgumentException("no boot");
        }
        JsonNode all = document.path("targets");
        if (!all.isArray() || all.size() > MAX_TARGETS) {
            throw new IllegalArgumentException("no targets, or too many");
        }
        List<SharedTarget> targets = new ArrayList<>(all.size());
        for (JsonNode one : all) {
            targets.add(target(one, now));
        }
        return new NodeReport(
                name(document, "node"),
                boot,
                document.path("sequence").asLong(),
                document.path("complete").asBoolean(),
                targets);
    }

    private static SharedTarget target(JsonNode one, long now) {
        SharedTarget.Breaker breaker = choice(SharedTarget.Breaker.class, one.path("breaker"));
        FailureClass cooling = one.has("class") ? choice(FailureClass.class, one.path("class")) : null;
        return new SharedTarget(
                name(one, "name"),
                name(one, "endpoint"),
                breaker,
                breaker == SharedTarget.Breaker.OPEN ? now + millis(one.path("openMs")) : 0,
                one.has("by") ? name(one, "by") : null,
                one.path("byHand").asBoolean(),
                cooling,
                cooling == null ? 0 : now + millis(one.path("coolingMs")));
    }

    private static <E extends Enum<E>> E choice(Class<E> type, JsonNode value) {
        try {
            return Enum.valueOf(type, value.asText());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("an unknown word", e);
        }
    }

    private static long millis(JsonNode value) {
        return Math.clamp(value.asLong(), 0L, MAX_MILLIS);
    }

    private static String name(JsonNode in, String field) {
        String text = CONTROL.matcher(in.path(field).asText()).replaceAll("");
        if (text.isBlank() || text.length() > MAX_NAME) {
            throw new IllegalArgumentException("no " + field + ", or too long");
        }
        return text;
    }
}
