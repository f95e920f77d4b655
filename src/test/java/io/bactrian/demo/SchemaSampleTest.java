package io.bactrian.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class SchemaSampleTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void required_properties_are_filled_and_others_left_out() throws Exception {
        assertThat(sample("""
                {"type":"object","required":["a","b","c","d","e"],"properties":{"a":{"type":"string"},
                "b":{"type":"integer","minimum":5},"c":{"type":"boolean"},"d":{"enum":["x","y"]},
                "e":{"type":"array","items":{"type":"number"},"minItems":2},"f":{"type":"string"}}}""")).isEqualTo("{\"a\":\"Oslo\",\"b\":5,\"c\":true,\"d\":\"x\",\"e\":[1,1]}");
    }

    @Test
    void references_unions_and_nullable_types_are_followed() throws Exception {
        assertThat(sample("""
                {"type":"object","required":["p","q","r"],"$defs":{"city":{"type":"object","required":["name"],
                "properties":{"name":{"type":"string","maxLength":3}}}},"properties":{"p":{"$ref":"#/$defs/city"},
                "q":{"anyOf":[{"type":"null"},{"type":"integer"}]},"r":{"type":["null","string"],"format":"date"}}}""")).isEqualTo("{\"p\":{\"name\":\"Osl\"},\"q\":1,\"r\":\"2026-11-23\"}");
    }

    @Test
    void parts_of_all_of_are_joined() throws Exception {
        assertThat(sample("""
                {"allOf":[{"properties":{"a":{"type":"string","minLength":6}},"required":["a"]},
                {"properties":{"b":{"const":7}},"required":["b"]}]}""")).isEqualTo("{\"a\":\"Osloxx\",\"b\":7}");
    }

    @Test
    void a_schema_that_refers_to_itself_comes_to_an_end() throws Exception {
        assertThat(sample("{\"type\":\"object\",\"required\":[\"next\"],\"properties\":{\"next\":{\"$ref\":\"#\"}}}"))
                .endsWith("null}}}}}}}");
    }

    @Test
    void no_schema_is_an_empty_object() throws Exception {
        assertThat(sample("{}")).isEqualTo("{}");
    }

    private static String sample(String schema) throws Exception {
        return SchemaSample.of(JSON.readTree(schema), "Oslo").toString();
    }
}
