package io.bactrian.protocol.translation;

import static io.bactrian.protocol.translation.Trees.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LeftOutTest {
    private final Set<String> dropped = new LinkedHashSet<>();

    @Test
    void field_of_the_request_is_left_out_and_named() {
        assertThat(without("{'seed':7,'top_k':4,'messages':[]}", "seed", "user"))
                .isEqualTo(json("{'top_k':4,'messages':[]}"));
        assertThat(dropped).containsExactly("seed");
    }

    @Test
    void member_is_left_out_at_any_depth_of_its_field() {
        assertThat(without(
                        "{'messages':[{'role':'user','content':[{'type':'text','text':'a','cache_control':{'ttl':'1h'}}],"
                                + "'cache_control':{}}],'cache_control':{}}",
                        "messages.cache_control"))
                .isEqualTo(json(
                        "{'messages':[{'role':'user','content':[{'type':'text','text':'a'}]}],'cache_control':{}}"));
        assertThat(dropped).containsExactly("messages.cache_control");
    }

    @Test
    void what_says_nothing_is_not_named() {
        assertThat(without(
                        "{'messages':[{'role':'assistant','content':'a','refusal':null,'annotations':[]}]}",
                        "messages.refusal",
                        "messages.annotations"))
                .isEqualTo(json("{'messages':[{'role':'assistant','content':'a'}]}"));
        assertThat(dropped).isEmpty();
    }

    @Test
    void refusal_in_words_becomes_the_content_that_it_stands_for() {
        assertThat(without("{'messages':[{'role':'assistant','content':null,'refusal':'No.'}]}", "messages.refusal"))
                .isEqualTo(json("{'messages':[{'role':'assistant','content':'No.'}]}"));
    }

    @Test
    void calls_are_left_out_only_where_there_are_none() {
        String calls = "{'messages':[{'role':'assistant','tool_calls':[{'id':'c'}]}]}";

        assertThat(without(calls, "messages.tool_calls")).isEqualTo(json(calls));
        assertThat(without("{'messages':[{'role':'assistant','tool_calls':[]}]}", "messages.tool_calls"))
                .isEqualTo(json("{'messages':[{'role':'assistant'}]}"));
    }

    @Test
    void names_of_speakers_go_and_names_of_tools_stay() {
        assertThat(without(
                        "{'messages':[{'role':'user','name':'ann'},{'role':'assistant','tool_calls':[{'function':{'name':'f'}}]},"
                                + "{'role':'function','name':'f'}]}",
                        "messages.name"))
                .isEqualTo(json(
                        "{'messages':[{'role':'user'},{'role':'assistant','tool_calls':[{'function':{'name':'f'}}]},"
                                + "{'role':'function','name':'f'}]}"));
    }

    @Test
    void what_a_message_has_of_its_own_goes_from_it_alone() {
        assertThat(without(
                        "{'messages':[{'id':'m','type':'message','model':'o','role':'assistant','content':[{'type':'text','text':'a'}],"
                                + "'tool_calls':[{'id':'c','type':'function'}]}]}",
                        "messages.id",
                        "messages.type",
                        "messages.model"))
                .isEqualTo(json("{'messages':[{'role':'assistant','content':[{'type':'text','text':'a'}],"
                        + "'tool_calls':[{'id':'c','type':'function'}]}]}"));
    }

    @Test
    void sources_of_an_answer_go_and_those_asked_of_a_document_stay() {
        assertThat(without(
                        "{'messages':[{'role':'user','content':[{'type':'document','citations':{'enabled':true}}]},"
                                + "{'role':'assistant','content':[{'type':'text','text':'a','citations':[{'x':1}]}]}]}",
                        "messages.citations"))
                .isEqualTo(json(
                        "{'messages':[{'role':'user','content':[{'type':'document','citations':{'enabled':true}}]},"
                                + "{'role':'assistant','content':[{'type':'text','text':'a'}]}]}"));
    }

    @Test
    void reasoning_beside_the_content_goes_and_a_block_of_it_stays_whole() {
        assertThat(without(
                        "{'messages':[{'role':'assistant','thinking':'hm','content':[{'type':'thinking','thinking':'hm','signature':'s'}]}]}",
                        "messages.thinking"))
                .isEqualTo(
                        json(
                                "{'messages':[{'role':'assistant','content':[{'type':'thinking','thinking':'hm','signature':'s'}]}]}"));
    }

    @Test
    void arguments_and_schemas_are_the_callers_own() {
        String own = "{'tools':[{'name':'f','input_schema':{'strict':true}}],"
                + "'messages':[{'role':'assistant','content':[{'type':'tool_use','input':{'strict':1}}]}]}";

        assertThat(without(own, "tools.strict", "messages.strict")).isEqualTo(json(own));
    }

    @Test
    void limit_of_the_answer_keeps_its_value_under_its_other_name() {
        assertThat(without("{'max_tokens':5}", "max_tokens")).isEqualTo(json("{'max_completion_tokens':5}"));
        assertThat(without("{'max_completion_tokens':5}", "max_completion_tokens"))
                .isEqualTo(json("{'max_tokens':5}"));
        assertThat(without("{'max_tokens':5,'max_completion_tokens':6}", "max_tokens"))
                .isEqualTo(json("{'max_completion_tokens':6}"));
        assertThat(dropped).isEmpty();
    }

    @Test
    void object_that_has_lost_all_its_members_goes_as_well() {
        assertThat(without("{'output_config':{'effort':'high'}}", "output_config.effort"))
                .isEqualTo(json("{}"));
    }

    private ObjectNode without(String request, String... fields) {
        ObjectNode tree = (ObjectNode) json(request);
        LeftOut.of(tree, new LinkedHashSet<>(Set.of(fields)), dropped);
        return tree;
    }
}
