package io.bactrian.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.protocol.openai.ChatCompletions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MinTokenEstimateTest {

    /** Texts with the tokens that cl100k_base or o200k_base makes of them, whichever makes fewer. */
    static Stream<Arguments> counted() {
        return Stream.of(
                Arguments.of(
                        20,
                        "The committee recommends additional international cooperation concerning environmental"
                                + " protection, agricultural development and educational opportunities throughout the"
                                + " developing countries."),
                Arguments.of(32, """
                        private static int value(int first) {
                            if (first > 0) {
                                return compute(first);
                            }
                            return 0;
                        }
                    """),
                Arguments.of(43, """
                    {
                      "name": "camel",
                      "humps": 2,
                      "loads": [120.5, 98.0],
                      "home": {"country": "Mongolia"}
                    }\
                    """),
                Arguments.of(
                        19,
                        "Le comité recommande une coopération internationale supplémentaire à l'égard de la protection"
                                + " de l'environnement."),
                Arguments.of(
                        20,
                        "Комитет рекомендует расширить международное сотрудничество в области охраны окружающей среды"
                                + " и образования."),
                Arguments.of(
                        21,
                        "توصي اللجنة بزيادة التعاون الدولي في مجال حماية البيئة والتنمية الزراعية والتعليم في جميع"
                                + " البلدان."),
                Arguments.of(
                        23,
                        "समिति पर्यावरण संरक्षण और शिक्षा के क्षेत्र में अंतरराष्ट्रीय सहयोग बढ़ाने की सिफारिश करती"
                                + " है।"),
                Arguments.of(21, "委员会建议在环境保护、农业发展和教育领域加强国际合作，特别是在发展中国家。"),
                Arguments.of(36, "委員会は、環境保護、農業開発、教育の分野における国際協力の強化を勧告しています。"),
                Arguments.of(23, "위원회는 환경 보호와 농업 개발 및 교육 분야에서 국제 협력을 강화할 것을 권고합니다."));
    }

    @ParameterizedTest
    @MethodSource("counted")
    void estimate_is_low_but_of_use(int tokens, String text) {
        assertThat(ofText(text)).isLessThanOrEqualTo(tokens).isGreaterThanOrEqualTo(tokens / 4);
    }

    @ParameterizedTest
    @MethodSource("counted")
    void escapes_count_as_what_they_stand_for(int tokens, String text) {
        StringBuilder escaped = new StringBuilder();
        text.chars().forEach(c -> escaped.append("\\u%04x".formatted(c)));

        assertThat(of("{\"messages\":[{\"content\":\"" + escaped + "\"}]}")).isEqualTo(ofText(text));
    }

    @Test
    void words_count_and_what_is_between_them_does_not() {
        assertThat(ofText("one two\tthree\nfour  -----  five, don't (six_seven) 8"))
                .isEqualTo(9);
        assertThat(ofText(" ".repeat(1000) + "=".repeat(1000) + "\u2500".repeat(1000) + "\u3000".repeat(1000)))
                .isZero();
    }

    @Test
    void long_word_counts_more_than_once() {
        assertThat(ofText("a".repeat(20))).isEqualTo(1);
        assertThat(ofText("a".repeat(21))).isEqualTo(2);
        assertThat(ofText("\u0e01".repeat(41))).isEqualTo(3);
    }

    @Test
    void characters_without_spaces_between_them_count_in_threes() {
        assertThat(ofText("\u6c34".repeat(30))).isEqualTo(10);
        assertThat(ofText("\uD83D\uDC2A".repeat(30))).isEqualTo(10);
    }

    @Test
    void base64_is_no_prompt() {
        String code = "iVBORw0KGgo+/8AB".repeat(17);

        assertThat(ofText(code + "==")).isZero();
        assertThat(ofText("data:image/png;base64,iVBORw0KGgo=")).isZero();
        assertThat(of("{'messages':[{'content':'" + code.replace("/", "\\/") + "'}]}"))
                .isZero();
        assertThat(ofText("data: one two")).isEqualTo(3);
        assertThat(ofText(code.substring(0, 64))).isPositive();
        assertThat(ofText("see " + code)).isPositive();
    }

    @Test
    void names_roles_and_ids_are_no_prompt() {
        assertThat(of("{'messages':[{'role':'user','type':'text','id':'a b','tool_call_id':'c','x':7,"
                        + "'thinking':'a b','signature':'c','reasoning':'d','reasoning_content':'e'}]}"))
                .isZero();
        assertThat(of("{'messages':[{'id' : 'a','name' :\n'b','parts':['c',{'d':'e'}]}]}"))
                .isEqualTo(3);
    }

    @Test
    void system_and_tools_count_and_nothing_else_does() {
        assertThat(of("{'user':'a b c','system':'one two','messages':[{'content':'three'}],'metadata':{'a':'b'},"
                        + "'tools':[{'name':'four','input_schema':{'type':'object'}}]}"))
                .isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"one two", "one 'two'", "\u6c34\u6c34\u6c34\u6c34"})
    void prompt_exceeds_what_is_less_than_its_estimate(String text) {
        ChatRequest request = request(text);

        assertThat(request.exceeds(request.minTokens() - 1)).isTrue();
        assertThat(request.exceeds(request.minTokens())).isFalse();
        assertThat(request.exceeds(1_000_000)).isFalse();
    }

    @Property
    void estimate_never_exceeds_what_a_body_can_hold(@ForAll List<String> texts) {
        byte[] body = Json.bytes(Map.of("messages", List.of(texts)));

        assertThat(ChatCompletions.PROTOCOL.read(body).minTokens()).isLessThanOrEqualTo(MinTokenEstimate.most(body));
    }

    private static int ofText(String text) {
        return request(text).minTokens();
    }

    private static ChatRequest request(String text) {
        return ChatCompletions.PROTOCOL.read(
                Json.bytes(Map.of("messages", List.of(Map.of("role", "user", "content", text)))));
    }

    private static int of(String json) {
        return ChatCompletions.PROTOCOL
                .read(json.replace('\'', '"').getBytes(UTF_8))
                .minTokens();
    }
}
