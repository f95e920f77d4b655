package io.bactrian.protocol.translation;

import static io.bactrian.protocol.translation.Trees.json;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonSchemasTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'type':'string','format':'date','enum':['a'],'title':'t'} "
                        + "| {'type':'string','format':'date','enum':['a'],'title':'t'}",
                "{'type':'string','format':'color','maxLength':3} | {'type':'string','description':'{format:"
                        + " \\'color\\', maxLength: 3}'}",
                "{'type':'integer','description':'d','minimum':0} | {'type':'integer','description':'d\\n"
                        + "\\n"
                        + "{minimum: 0}'}",
                "{'type':'array','minItems':1,'items':{'type':'object'}} "
                        + "| {'type':'array','minItems':1,'items':{'type':'object','additionalProperties':false}}",
                "{'type':'array','minItems':2} | {'type':'array','description':'{minItems: 2}'}",
                "{'oneOf':[{'type':'null'},{'type':'object'}]} "
                        + "| {'anyOf':[{'type':'null'},{'type':'object','additionalProperties':false}]}",
                "{'type':['object','null'],'additionalProperties':true} "
                        + "| {'type':['object','null'],'additionalProperties':false}",
                "{'$ref':'#/definitions/a','definitions':{'a':{'const':1}}} "
                        + "| {'$ref':'#/$defs/a','$defs':{'a':{'const':1}}}",
                "{'type':'object','properties':{'minimum':{'type':'integer'}}} |"
                        + " {'type':'object','properties':{'minimum':{'type':'integer'}},'additionalProperties':false}",
            })
    void keyword_outside_the_subset_moves_into_the_description(String schema, String expected) {
        assertThat(JsonSchemas.enforceable(json(schema))).isEqualTo(json(expected.replace("\\'", "\\'")));
    }

    @Test
    void strict_is_a_schema_whose_objects_are_closed_and_need_all_they_have() {
        String inner =
                "{'type':'object','properties':{'b':{'type':'string'}},'required':[%s],'additionalProperties':false}";
        String outer = "{'type':'object','properties':{'a':%s},'required':['a'],'additionalProperties':false}";

        assertThat(JsonSchemas.isStrict(json(outer.formatted(inner.formatted("'b'")))))
                .isTrue();
        assertThat(JsonSchemas.isStrict(json(outer.formatted(inner.formatted("")))))
                .isFalse();
        assertThat(JsonSchemas.isStrict(json("{'type':'object','properties':{}}")))
                .isFalse();
        assertThat(JsonSchemas.isStrict(json("{'type':'array','items':{'type':'string'}}")))
                .isTrue();
    }
}
