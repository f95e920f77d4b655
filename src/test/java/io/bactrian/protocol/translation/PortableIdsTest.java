package io.bactrian.protocol.translation;

import static io.bactrian.protocol.translation.Trees.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PortableIdsTest {
    private static final String REFUSED = "functions.w:0";

    @Test
    void chat_request_differs_in_its_ids_alone() {
        String request = "{'model':'m','seed':7,'messages':[{'role':'user','content':'functions.w:0'},"
                + "{'role':'assistant','content':null,'tool_calls':["
                + "{'id':'functions.w:0','type':'function','function':{'name':'w','arguments':'{}'}},"
                + "{'id':'fine','type':'custom','custom':{'name':'s','input':'functions.w:0'}}]},"
                + "{'role':'tool','tool_call_id':'fine','content':'1'},"
                + "{'role':'tool','tool_call_id':'functions.w:0','content':'2'},{'role':'user','content':'b'}]}";
        ObjectNode given = json(request);

        ObjectNode portable = PortableIds.chat(given);

        String id = ToolIds.portable(REFUSED);
        assertThat(portable)
                .isEqualTo(json(request.replace("'id':'functions.w:0'", "'id':'" + id + "'")
                        .replace("'tool_call_id':'functions.w:0'", "'tool_call_id':'" + id + "'")));
        assertThat(given).isEqualTo(json(request));
    }

    @Test
    void messages_request_differs_in_its_ids_alone() {
        String request = "{'model':'m','messages':[{'role':'user','content':'a'},{'role':'assistant','content':["
                + "{'type':'thinking','thinking':'hm','signature':'s'},"
                + "{'type':'server_tool_use','id':'srv.1','name':'web_search','input':{}},"
                + "{'type':'tool_use','id':'functions.w:0','name':'w','input':{'id':'functions.w:0'}}]},"
                + "{'role':'user','content':[{'type':'tool_result','tool_use_id':'functions.w:0','content':'1'}]}]}";
        ObjectNode given = json(request);

        ObjectNode portable = PortableIds.messages(given);

        String id = ToolIds.portable(REFUSED);
        assertThat(portable)
                .isEqualTo(json(request.replace("'id':'functions.w:0','name'", "'id':'" + id + "','name'")
                        .replace("'tool_use_id':'functions.w:0'", "'tool_use_id':'" + id + "'")));
        assertThat(given).isEqualTo(json(request));
    }

    @Test
    void id_used_again_in_a_later_turn_is_made_unique() {
        String turn = "{'role':'assistant','content':[{'type':'tool_use','id':'c','name':'w','input':{}}]},"
                + "{'role':'user','content':[{'type':'tool_result','tool_use_id':'c'}]}";

        JsonNode messages = PortableIds.messages(json("{'messages':[" + turn + "," + turn + "]}"))
                .path("messages");

        String again = messages.at("/2/content/0/id").asText();
        assertThat(messages.at("/0/content/0/id").asText()).isEqualTo("c");
        assertThat(messages.at("/1/content/0/tool_use_id").asText()).isEqualTo("c");
        assertThat(ToolIds.isPortable(again)).isTrue();
        assertThat(again).isNotEqualTo("c");
        assertThat(messages.at("/3/content/0/tool_use_id").asText()).isEqualTo(again);
    }

    @Test
    void result_goes_to_the_latest_call_of_its_id() {
        String turn = "{'role':'assistant','tool_calls':[{'id':'c'}]}";

        JsonNode messages = PortableIds.chat(
                        json("{'messages':[" + turn + "," + turn + ",{'role':'tool','tool_call_id':'c'}]}"))
                .path("messages");

        assertThat(messages.at("/2/tool_call_id")).isEqualTo(messages.at("/1/tool_calls/0/id"));
    }

    @Test
    void result_that_no_call_waits_for_gets_a_portable_id_too() {
        JsonNode body = PortableIds.chat(json("{'messages':[{'role':'tool','tool_call_id':'functions.w:0'}]}"));

        assertThat(body.at("/messages/0/tool_call_id").asText()).isEqualTo(ToolIds.portable(REFUSED));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}",
                "{'messages':7}",
                "{'messages':[7,{'role':'assistant','content':[7,{'type':'tool_use'}],'tool_calls':[7,{'id':8}]}]}",
            })
    void malformed_request_is_left_to_the_vendor(String request) {
        assertThat(PortableIds.chat(json(request))).isEqualTo(json(request));
        assertThat(PortableIds.messages(json(request))).isEqualTo(json(request));
    }
}
