package io.bactrian.protocol.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.protocol.Json;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenEstimateTest {
    private static final String ENGLISH =
            "The quick brown fox jumps over the lazy dog, and then it sleeps. ".repeat(100);

    @Test
    void english_has_a_token_for_about_four_characters() {
        assertThat(of(text(ENGLISH))).isBetween(1450, 1850);
    }

    @Test
    void other_scripts_have_more_tokens_for_a_character() {
        assertThat(of(text("今天天气很好我们去公园散步吧".repeat(10)))).isBetween(100, 180);
        assertThat(of(text("Сегодня хорошая погода ".repeat(10)))).isBetween(60, 130);
    }

    @Test
    void an_indent_is_one_token() {
        assertThat(of(text("a\\n" + " ".repeat(4000) + "b"))).isLessThan(12);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {'type':'image','source':{'type':'base64','media_type':'image/png','data':'DATA'}}      | 1600 | 1620
        {'type':'image','source':{'type':'base64','media_type':'image/png','data':'iVBORw0K'}}  | 80   | 100
        {'type':'image','source':{'type':'url','url':'https://x.example/a.png'}}                | 1600 | 1620
        {'type':'document','source':{'type':'base64','media_type':'application/pdf','data':'DATA'}} | 10000 | 10020
        {'type':'document','source':{'type':'text','media_type':'text/plain','data':'abcd efgh'}}   | 1 | 12
        {'type':'thinking','thinking':'long reasoning of an earlier turn','signature':'abc'}    | 1    | 6
        {'type':'tool_use','id':'toolu_1','name':'read','input':{'path':'/a/b'}}                | 6    | 14
        {'type':'tool_result','tool_use_id':'toolu_1','content':[{'type':'text','text':'four words of text'}]} | 5 | 12
        {'type':'search_result','title':'A title','source':'https://x.example','content':[{'type':'text','text':'words'}]} | 8 | 20
        """)
    void each_block_counts_by_its_kind(String block, int least, int most) {
        String content = "[" + block.replace('\'', '"').replace("DATA", "A".repeat(300_000)) + "]";
        assertThat(of("{\"messages\":[{\"role\":\"user\",\"content\":" + content + "}]}"))
                .isBetween(least, most);
    }

    @Test
    void instructions_and_tools_count() {
        String tool = "{\"name\":\"read\",\"description\":\"" + ENGLISH + "\",\"input_schema\":{\"type\":\"object\"}}";
        int both = of("{\"system\":\"" + ENGLISH + "\",\"tools\":[" + tool + "],\"messages\":[]}");
        assertThat(both).isBetween(2900, 3700);
    }

    @Test
    void an_odd_request_has_a_token_at_least() {
        for (String odd : new String[] {"{}", "{\"messages\":7}", "{\"messages\":[null,[],{\"content\":{\"a\":1}}]}"}) {
            assertThat(of(odd)).isPositive();
        }
    }

    private static String text(String text) {
        return "{\"messages\":[{\"role\":\"user\",\"content\":\"" + text + "\"}]}";
    }

    private static int of(String json) {
        JsonNode request = Json.parse(json.getBytes(StandardCharsets.UTF_8));
        return TokenEstimate.of(request);
    }
}
