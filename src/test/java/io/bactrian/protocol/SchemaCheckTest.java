package io.bactrian.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.config.RequestBounds;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.testing.StubProvider;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaCheckTest {
    private static final String PLACE =
            "'type':'object','properties':{'warmth':{'type':'number'}},'required':['warmth']";

    @Test
    void answer_that_keeps_to_the_schema_passes() {
        assertThatCode(() -> check("{" + PLACE + "}").accept("{\"warmth\":21.5}"))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "21",
                "null",
                "{}",
                "{\"warmth\":\"21\"}",
                "{\"warmth\":21",
                "{\"warmth\":21}}",
                "```json\n{\"warmth\":21}\n```",
                "Sure: {\"warmth\":21}"
            })
    void any_other_answer_is_invalid(String answer) {
        Failure failure = refusal("{" + PLACE + "}", answer);

        assertThat(failure.type()).isEqualTo(FailureClass.INVALID_RESPONSE);
        assertThat(failure.counts()).as("the schema is the caller's own").isFalse();
        assertThat(failure.reason()).doesNotContain("21");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'type':'array','items':{'enum':['a','b']}} | [\"a\",\"b\"] | [\"c\"]",
                "{'type':['string','null']} | null | 1",
                "{'const':1} | 1 | 2",
                "{'$ref':'#/$defs/a','$defs':{'a':{'type':'string','maxLength':1}}} | \"a\" | \"aa\"",
                "{'type':'object','properties':{'next':{'$ref':'#'}},'additionalProperties':false} "
                        + "| {\"next\":{\"next\":{}}} | {\"next\":{\"last\":{}}}",
                "{'anyOf':[{'type':'string'},{'type':'integer'}]} | 1 | 1.5",
                "{'type':'string','pattern':'^[a-z]+$'} | \"a\" | \"A\"",
                "{'type':'string','x-mine':'\\nx','$comment':'c','nullable':true} | \"a\" | 1",
                "{'type':'string','format':'date'} | \"2026-11-22\" | 1",
                "{} | {} | {",
            })
    void keywords_are_understood(String schema, String good, String bad) {
        assertThatCode(() -> check(schema).accept(good)).doesNotThrowAnyException();
        assertThat(refusal(schema, bad).type()).isEqualTo(FailureClass.INVALID_RESPONSE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://json-schema.org/draft-04/schema#",
                "http://json-schema.org/draft-06/schema#",
                "http://json-schema.org/draft-07/schema#",
                "https://json-schema.org/draft/2019-09/schema",
                "https://json-schema.org/draft/2020-12/schema"
            })
    void schema_may_name_its_draft(String draft) {
        String schema = "{'$schema':'" + draft + "'," + PLACE + "}";

        assertThatCode(() -> check(schema).accept("{\"warmth\":21}")).doesNotThrowAnyException();
        assertThat(refusal(schema, "{}").type()).isEqualTo(FailureClass.INVALID_RESPONSE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'objekt'}",
                "{'type':5}",
                "{'type':'object','properties':['a']}",
                "{'type':'object','required':'a'}",
                "{'type':'string','pattern':'['}",
                "{'properties':{'a':{'type':'strin'}}}",
                "{'$ref':'#/$defs/nowhere'}",
                "{'anyOf':{}}",
                "{'minLength':-1}",
                "{'$schema':'https://schemas.example/mine'}",
            })
    void schema_that_is_none_is_the_callers_mistake(String schema) {
        assertThatExceptionOfType(CallFailed.class)
                .as(schema)
                .isThrownBy(() -> check(schema))
                .satisfies(e -> {
                    assertThat(e.failure().type()).isEqualTo(FailureClass.INVALID_REQUEST);
                    assertThat(e.failure().status()).isEqualTo(400);
                    assertThat(e.failure().param()).isEqualTo("response_format.json_schema.schema");
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'$ref':'%s'}",
                "{'type':'object','properties':{'a':{'$ref':'%s#/a'}}}",
                "{'allOf':[{'$ref':'%s'}]}",
                "{'$schema':'%s'}",
                "{'$id':'%s','$ref':'other.json'}",
                "{'$dynamicRef':'%s'}"
            })
    void nothing_is_fetched(String schema) {
        try (StubProvider elsewhere = StubProvider.openai()) {
            String address = elsewhere.baseUrl() + "/schema.json";

            assertThatExceptionOfType(CallFailed.class)
                    .isThrownBy(() -> check(schema.formatted(address)).accept("{\"a\":{}}"));

            assertThat(elsewhere.acceptedConnections()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/hostname", "classpath:application.properties", "jar:file:/x.jar!/a", "../a"})
    void nothing_is_read_from_the_machine(String reference) {
        assertThatExceptionOfType(CallFailed.class)
                .isThrownBy(() -> check("{'$ref':'" + reference + "'}").accept("{}"))
                .satisfies(e -> assertThat(e.failure().type()).isEqualTo(FailureClass.INVALID_REQUEST));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'$ref':'#'}",
                "{'allOf':[{'$ref':'#'}]}",
                "{'$ref':'#/$defs/a','$defs':{'a':{'$ref':'#/$defs/a'}}}"
            })
    void schema_that_never_ends_is_the_callers_mistake(String schema) {
        assertThatExceptionOfType(CallFailed.class)
                .isThrownBy(() -> check(schema).accept("{}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"^(([a-z])+.)+[A-Z]([a-z])+$", "^(a|a?)+$", "(x+x+)+y", "(.*,){20}P"})
    @Timeout(10)
    void pattern_that_takes_for_ever_is_given_up(String pattern) {
        String schema = "{'type':'string','pattern':'" + pattern + "'}";
        String value = pattern.contains(",") ? ",".repeat(60) : pattern.contains("x") ? "x".repeat(60) : "a".repeat(60);

        assertThat(refusal(schema, "\"" + value + "!\"").type()).isEqualTo(FailureClass.INVALID_RESPONSE);
    }

    @Test
    void pattern_is_held_to_long_answers() {
        SchemaCheck check = check("{'type':'string','pattern':'^[a-z ]+[.]$'}");

        assertThatCode(() -> check.accept("\"" + "word ".repeat(200_000) + ".\""))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "[]", "1", "'x'", "true"})
    void what_is_no_object_is_left_to_the_translation(String schema) {
        assertThat(SchemaCheck.of(json(schema), "p", RequestBounds.USUAL, bound -> {}))
                .isNull();
    }

    @Property(tries = 200)
    void any_answer_gives_a_verdict(@ForAll String answer) {
        try {
            check("{" + PLACE + "}").accept(answer);
        } catch (CallFailed e) {
            assertThat(e.failure().type()).isEqualTo(FailureClass.INVALID_RESPONSE);
        }
    }

    private static SchemaCheck check(String schema) {
        return Objects.requireNonNull(
                SchemaCheck.of(json(schema), "response_format.json_schema.schema", RequestBounds.USUAL, bound -> {}));
    }

    private static Failure refusal(String schema, String answer) {
        try {
            check(schema).accept(answer);
        } catch (CallFailed e) {
            return e.failure();
        }
        throw new AssertionError("accepted: " + answer);
    }

    private static JsonNode json(String text) {
        return Objects.requireNonNull(Json.parse(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8)));
    }
}
