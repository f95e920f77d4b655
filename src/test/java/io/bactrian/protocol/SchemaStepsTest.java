package io.bactrian.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.RequestBounds;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.FailureClass;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Schemas and answers whose check would take for ever, or all of the memory. */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class SchemaStepsTest {

    /**
     * A schema and an answer.
     *
     * @param schema with single quotes
     */
    record Attack(String schema, String answer) {}

    static Stream<Named<Attack>> attacks() {
        String a = "\"" + "a".repeat(40) + "!\"";
        String many = "[" + numbers(20_000) + "]";
        return Stream.of(
                attack("references that double", doubling("allOf", "'type':'integer'"), "1"),
                attack("any of two references", doubling("anyOf", "'type':'string'"), "1"),
                attack("one of two references", doubling("oneOf", "'type':'string'"), "1"),
                attack("properties that double", wide(), nested("{\"a\":", "{}", "}", 26)),
                attack("not of references", doubling("allOf", "'not':{'type':'string'}"), "1"),
                attack(
                        "dynamic references",
                        doubling("allOf", "'type':'integer'").replace("$ref", "$dynamicRef"),
                        "1"),
                attack(
                        "recursive references",
                        "{'$schema':'https://json-schema.org/draft/2019-09/schema',"
                                + "'properties':{'a':{'anyOf':[{'$recursiveRef':'#'},{'$recursiveRef':'#'}]}},'required':['b']}",
                        nested("{\"a\":", "1", "}", 26)),
                attack(
                        "two ways through each level",
                        "{'anyOf':[{'properties':{'a':{'$ref':'#'}},'required':['b']},"
                                + "{'properties':{'a':{'$ref':'#'}},'required':['c']}]}",
                        nested("{\"a\":", "{}", "}", 26)),
                attack("many patterns", list("allOf", 3_000, i -> "{'pattern':'^(a|a?)+" + i + "$'}"), a),
                attack(
                        "patterns of names",
                        "{'patternProperties':{" + joined(3_000, i -> "'^(a|a?)+" + i + "$':{}") + "}}",
                        "{\"" + "a".repeat(40) + "!\":1}"),
                attack("names in a pattern", "{'propertyNames':{'pattern':'^(a|a?)+$'}}", "{" + a + ":1}"),
                attack("pattern that overflows", "{'pattern':'^(a|b)*$'}", "\"" + "ab".repeat(1 << 20) + "\""),
                attack(
                        "long lists of required",
                        list("anyOf", 9, i -> "{'items':{'required':[" + words(900) + "]}}"),
                        "[" + joined(20_000, i -> "{}") + "]"),
                attack("equal lists", list("anyOf", 2_000, i -> "{'enum':[[" + i + "]]}"), many),
                attack("constants", list("anyOf", 2_000, i -> "{'const':[" + i + "]}"), many),
                attack("unique lists", list("allOf", 2_000, i -> "{'uniqueItems':true}"), many),
                attack(
                        "lengths",
                        list("allOf", 8_000, i -> "{'maxLength':99999999}"),
                        "\"" + "a".repeat(1 << 20) + "\""),
                attack("contains", list("allOf", 2_000, i -> "{'contains':{'const':-1},'minContains':0}"), many),
                attack(
                        "unevaluated properties",
                        "{'allOf':[" + joined(500, i -> "{'properties':{'a':{}}}")
                                + "],'unevaluatedProperties':{'allOf':["
                                + joined(500, i -> "{'unevaluatedProperties':false}") + "]}}",
                        "{" + joined(3_000, i -> "\"n" + i + "\":{}") + "}"),
                attack(
                        "texts with one hash",
                        "{'uniqueItems':true}",
                        "[" + sameHash(14).collect(Collectors.joining(",")) + "]"),
                attack(
                        "dependencies",
                        "{'items':{'dependentRequired':{'a':[" + words(9_000) + "]}}}",
                        "[" + joined(20_000, i -> "{\"a\":1}") + "]"));
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void check_that_would_take_for_ever_is_given_up(Attack attack) {
        long from = System.nanoTime();

        FailureClass verdict = verdict(json(attack.schema()), attack.answer());

        assertThat(verdict).isNotEqualTo(FailureClass.SERVER_ERROR);
        assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - from)).isLessThan(10);
    }

    static Stream<Named<JsonNode>> heavy() {
        ObjectNode colliding = Json.MAPPER.createObjectNode();
        ArrayNode values = colliding.putArray("enum");
        sameHash(13).forEach(text -> values.add(text.replace("\"", "")));
        return Stream.of(
                Named.of("texts with one hash", colliding),
                Named.of("larger than its bound", json(list("anyOf", 100_000, i -> "{}"))),
                Named.of("many small parts", json("{'properties':{" + joined(20_000, i -> "'p" + i + "':{}") + "}}")),
                Named.of("long pattern", json("{'pattern':'" + "(".repeat(100_000) + "'}")),
                Named.of("long identifier", json("{'$id':'" + "a/".repeat(100_000) + "'}")));
    }

    @ParameterizedTest
    @MethodSource("heavy")
    void schema_that_takes_too_much_to_read_is_the_callers_mistake(JsonNode schema) {
        assertThat(verdict(schema, "1")).isEqualTo(FailureClass.INVALID_REQUEST);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'multipleOf':1e-300} | 1e300",
                "{'multipleOf':1e-300} | 1e1000000000",
                "{'const':1e1000000000} | 1e1000000000",
                "{'enum':[1e1000000000,1]} | 1e999999999",
                "{'maximum':1e1000000000} | 1e1000000001",
                "{'type':'integer'} | 1e1000000000",
                "{'type':'integer'} | 1e-1000000000",
                "{'minimum':-1e1000000000} | -1e1000000001",
                "{'minLength':1e1000000000} | \"a\"",
                "{'maxItems':1e1000000000} | []"
            })
    void huge_numbers_are_not_written_out(String attack) {
        String[] parts = attack.split(" \\| ", 2);
        long from = System.nanoTime();

        verdict(json(parts[0]), parts[1]);

        assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - from)).isLessThan(5);
    }

    @Test
    void usual_schemas_and_long_answers_are_checked() {
        String tree = "{'$ref':'#/$defs/node','$defs':{'node':{'type':'object','properties':{"
                + "'name':{'type':'string','minLength':1},'kind':{'enum':[" + words(250) + "]},"
                + "'children':{'type':'array','items':{'$ref':'#/$defs/node'}}},"
                + "'required':['name','kind','children'],'additionalProperties':false}}}";
        String leaf = "{\"name\":\"n\",\"kind\":\"w7\",\"children\":[]}";
        String answer = "{\"name\":\"root\",\"kind\":\"w1\",\"children\":[" + joined(1_000, i -> leaf) + "]}";

        assertThatCode(() -> check(json(tree)).accept(answer)).doesNotThrowAnyException();
    }

    @Test
    void schema_with_as_many_properties_as_vendors_take_is_read() {
        String schema =
                "{'type':'object','properties':{" + joined(5_000, i -> "'property" + i + "':{'type':'string'}") + "}}";

        assertThatCode(() -> check(json(schema)).accept("{\"property7\":\"a\"}"))
                .doesNotThrowAnyException();
    }

    @Test
    void reference_to_nowhere_is_found_wherever_it_is() {
        String schema = "{'properties':{'a':{'$ref':'#/$defs/b'}},"
                + "'$defs':{'b':{'properties':{'c':{'$ref':'#/$defs/nowhere'}}}}}";

        assertThat(verdict(json(schema), "{}")).isEqualTo(FailureClass.INVALID_REQUEST);
    }

    private static Named<Attack> attack(String name, String schema, String answer) {
        return Named.of(name, new Attack(schema, answer));
    }

    private static FailureClass verdict(JsonNode schema, String answer) {
        try {
            check(schema).accept(answer);
            return FailureClass.CANCELLED;
        } catch (CallFailed e) {
            return e.failure().type();
        }
    }

    private static SchemaCheck check(JsonNode schema) {
        return Objects.requireNonNull(SchemaCheck.of(schema, "p", RequestBounds.USUAL, bound -> {}));
    }

    private static String doubling(String keyword, String last) {
        return "{'$ref':'#/$defs/d0','$defs':{"
                + joined(
                        27,
                        i -> i == 26
                                ? "'d26':{" + last + "}"
                                : "'d%d':{'%s':[{'$ref':'#/$defs/d%d'},{'$ref':'#/$defs/d%d'}]}"
                                        .formatted(i, keyword, i + 1, i + 1))
                + "}}";
    }

    private static String wide() {
        return "{'allOf':[{'properties':{'a':{'$ref':'#'}}},{'properties':{'a':{'$ref':'#'}}}]}";
    }

    private static String list(String keyword, int count, java.util.function.IntFunction<String> each) {
        return "{'" + keyword + "':[" + joined(count, each) + "]}";
    }

    private static String words(int count) {
        return joined(count, i -> "'w" + i + "'");
    }

    private static String numbers(int count) {
        return joined(count, Integer::toString);
    }

    private static String joined(int count, java.util.function.IntFunction<String> each) {
        return IntStream.range(0, count).mapToObj(each).collect(Collectors.joining(","));
    }

    private static String nested(String open, String inside, String close, int levels) {
        return open.repeat(levels) + inside + close.repeat(levels);
    }

    /** 2 to the power of {@code bits} JSON strings with one hash code. */
    private static Stream<String> sameHash(int bits) {
        return IntStream.range(0, 1 << bits).mapToObj(i -> IntStream.range(0, bits)
                .mapToObj(bit -> (i >> bit & 1) == 0 ? "Aa" : "BB")
                .collect(Collectors.joining("", "\"", "\"")));
    }

    private static JsonNode json(String text) {
        return Objects.requireNonNull(
                Json.parse(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8)), List.of(text.length())::toString);
    }
}
