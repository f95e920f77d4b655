package io.bactrian.protocol.anthropic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.protocol.RequestRejected;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessagesModelsTest {
    private static final List<String> NAMES = List.of("a", "b", "c", "d", "e");
    private static final Instant SINCE = Instant.parse("2026-11-28T10:00:00.123Z");

    @ParameterizedTest
    @CsvSource({
        "'', abcde, false",
        "limit=5, abcde, false",
        "limit=2, ab, true",
        "limit=2&after_id=b, cd, true",
        "limit=2&after_id=c, de, false",
        "limit=2&after_id=e, '', false",
        "limit=2&before_id=e, cd, true",
        "limit=2&before_id=c, ab, false",
        "limit=2&before_id=a, '', false",
        "after_id=a&before_id=e, bcd, false",
        "limit=1&after_id=a&before_id=e, b, true",
        "after_id=d&before_id=b, '', false"
    })
    void a_page_begins_and_ends_where_the_query_says(String query, String ids, boolean more) {
        JsonNode page = page(NAMES, query);

        assertThat(String.join("", page.findValuesAsText("id"))).isEqualTo(ids);
        assertThat(page.path("has_more").asBoolean()).isEqualTo(more);
        assertThat(page.path("first_id").asText("")).isEqualTo(ids.isEmpty() ? "" : ids.substring(0, 1));
        assertThat(page.path("last_id").asText("")).isEqualTo(ids.isEmpty() ? "" : ids.substring(ids.length() - 1));
    }

    @Test
    void twenty_models_are_a_page() {
        List<String> many = IntStream.range(0, 30).mapToObj(i -> "m" + i).toList();
        assertThat(page(many, "").path("data")).hasSize(20);
        assertThat(page(many, "limit=1000").path("data")).hasSize(30);
        assertThat(page(List.of(), "").path("first_id").isNull()).isTrue();
    }

    @Test
    void a_model_has_what_clients_need() {
        assertThat(MessagesModels.model("default", SINCE)).hasToString("""
            {"type":"model","id":"default","display_name":"default","created_at":"2026-11-28T10:00:00Z",\
            "lifecycle":"active"}\
            """);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "limit=0",
                "limit=-1",
                "limit=1001",
                "limit=ten",
                "limit=99999999999",
                "after_id=x",
                "before_id=x"
            })
    void a_page_that_cannot_be_is_rejected(String query) {
        assertThatExceptionOfType(RequestRejected.class)
                .isThrownBy(() -> page(NAMES, query))
                .satisfies(e -> assertThat(e.param()).isEqualTo(query.split("=")[0]));
    }

    private static JsonNode page(List<String> names, String query) {
        Map<String, String> parameters = new HashMap<>();
        for (String part : query.isEmpty() ? new String[0] : query.split("&")) {
            parameters.put(part.split("=")[0], part.split("=")[1]);
        }
        return MessagesModels.page(names, SINCE, parameters::get);
    }
}
