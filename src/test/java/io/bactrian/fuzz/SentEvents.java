package io.bactrian.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.protocol.CallerProtocol;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.openai.ChatCompletions;
import java.util.ArrayList;
import java.util.List;

/** The events of a stream as a caller gets them, each of which is JSON under the name of its type. Immutable. */
final class SentEvents {
    private static final String DONE = "[DONE]";

    private final boolean chat;
    private final List<JsonNode> events = new ArrayList<>();
    private boolean done;

    SentEvents(CallerProtocol caller, byte[] sent) {
        this.chat = caller == ChatCompletions.PROTOCOL;
        String name = null;
        for (String line : new String(sent, UTF_8).split("\r\n|\r|\n")) {
            if (line.startsWith("event: ")) {
                assertThat(name).as("a second name of an event").isNull();
                name = line.substring("event: ".length());
            } else if (line.startsWith("data: ")) {
                add(name, line.substring("data: ".length()));
                name = null;
            } else {
                assertThat(line).as("a line of a stream").isEmpty();
            }
        }
    }

    private void add(String name, String data) {
        assertThat(done).as("an event after the end").isFalse();
        if (chat && data.equals(DONE)) {
            done = true;
            return;
        }
        JsonNode event = Json.parse(data.getBytes(UTF_8));
        assertThat(event != null && event.isObject())
                .as("an event that is no object")
                .isTrue();
        assertThat(name == null || name.equals(event.path("type").asText()))
                .as("an event with another name")
                .isTrue();
        events.add(event);
        done = !chat && event.path("type").asText().equals("message_stop");
    }

    /** Its end, and a reason for it. */
    void assertThatAnswerEnds() {
        assertThat(done).as("the end of an answer").isTrue();
        assertThat(events.stream().anyMatch(this::hasReason))
                .as("the reason of the end")
                .isTrue();
    }

    /** An error at the end, and no other end. */
    void assertThatErrorEndsIt() {
        assertThat(events).as("an error").isNotEmpty();
        assertThat(events.getLast().has("error")).as("an error at the end").isTrue();
        assertThat(done).as("the end of an answer behind an error").isFalse();
    }

    private boolean hasReason(JsonNode event) {
        if (!chat) {
            return event.at("/delta/stop_reason").isTextual();
        }
        for (JsonNode choice : event.path("choices")) {
            if (choice.path("finish_reason").isTextual()) {
                return true;
            }
        }
        return false;
    }
}
