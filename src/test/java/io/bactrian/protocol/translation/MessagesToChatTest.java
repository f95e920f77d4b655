package io.bactrian.protocol.translation;

import static io.bactrian.protocol.translation.Trees.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MessagesToChatTest {
    private static final ChatTarget PLAIN = ChatTarget.of("model");
    private static final ChatTarget OLD = new ChatTarget("model", "max_tokens", false, false, false, false);
    private static final String USE = "{'type':'tool_use','id':'t1','name':'weather','input':{'city':'Oslo'}}";
    private static final String ASKED = "{'role':'user','content':'a'},{'role':'assistant','content':[" + USE + "]},";

    @Test
    void system_blocks_are_joined() {
        JsonNode body = request("{'system':[{'type':'text','text':'a'},{'type':'text','text':'b'}]}", PLAIN);

        assertThat(body.at("/messages/0")).isEqualTo(json("{'role':'system','content':'a\\n\\nb'}"));
    }

    @Test
    void long_name_of_a_user_is_shortened_in_the_same_way_each_time() {
        String request = "{'metadata':{'user_id':'" + "u".repeat(150) + "'}}";

        JsonNode body = request(request, PLAIN);

        assertThat(body.path("user").asText()).hasSizeLessThanOrEqualTo(64).hasSizeGreaterThan(20);
        assertThat(request(request, PLAIN).path("user")).isEqualTo(body.path("user"));
        assertThat(request("{'metadata':{'user_id':'u7'}}", PLAIN).path("user").asText())
                .isEqualTo("u7");
    }

    @Test
    void tool_that_takes_nothing_has_a_schema_with_properties() {
        JsonNode body = request("{'tools':[{'name':'f','input_schema':{'type':'object'}}]}", PLAIN);

        assertThat(body.at("/tools/0/function/parameters")).isEqualTo(json("{'type':'object','properties':{}}"));
    }

    @Test
    void instruction_between_the_messages_stays_in_its_place() {
        JsonNode body = messages("{'role':'user','content':'a'},{'role':'system','content':'b'},"
                + "{'role':'assistant','content':'c'}");

        assertThat(body.path("messages").findValuesAsText("role")).containsExactly("user", "system", "assistant");
    }

    @Test
    void document_becomes_a_file_or_a_text() {
        JsonNode parts = messages("{'role':'user','content':["
                        + "{'type':'document','source':{'type':'base64','media_type':'application/pdf','data':'AA=='}},"
                        + "{'type':'document','source':{'type':'text','media_type':'text/plain','data':'Hej'}},"
                        + "{'type':'search_result','title':'T','source':'S','content':[{'type':'text','text':'C'}]},"
                        + "{'type':'image','source':{'type':'url','url':'https://x/y.png'}}]}")
                .at("/messages/0/content");

        assertThat(parts)
                .isEqualTo(json("{'x':[{'type':'file','file':{'filename':'document.pdf',"
                                + "'file_data':'data:application/pdf;base64,AA=='}},{'type':'text','text':'Hej'},"
                                + "{'type':'text','text':'T\\nS\\nC'},"
                                + "{'type':'image_url','image_url':{'url':'https://x/y.png'}}]}")
                        .path("x"));
    }

    @Test
    void results_come_before_the_words_of_their_turn_and_tell_errors() {
        JsonNode messages = messages(ASKED + "{'role':'user','content':'and now?'},{'role':'user','content':["
                        + "{'type':'tool_result','tool_use_id':'t1','is_error':true,'content':["
                        + "{'type':'text','text':'no'},{'type':'text','text':'net'}]}]}")
                .path("messages");

        assertThat(messages.path(2)).isEqualTo(json("{'role':'tool','tool_call_id':'t1','content':'Error: no\\nnet'}"));
        assertThat(messages.path(3)).isEqualTo(json("{'role':'user','content':'and now?'}"));
        assertThat(messages.path(1).path("content").isNull()).isTrue();
    }

    @Test
    void images_of_results_follow_them_before_what_the_user_says() {
        String image = "{'type':'image','source':{'type':'url','url':'https://x/";
        JsonNode messages = messages("{'role':'user','content':'a'},{'role':'assistant','content':[" + USE + ","
                        + USE.replace("t1", "t.2") + "]},{'role':'user','content':["
                        + "{'type':'tool_result','tool_use_id':'t1','is_error':true,'content':["
                        + "{'type':'text','text':'two:'}," + image + "1'}}," + image + "2'}}]},"
                        + "{'type':'text','text':'and now?'},"
                        + "{'type':'tool_result','tool_use_id':'t.2','content':[" + image + "3'}},"
                        + "{'type':'document','source':{'type':'text','media_type':'text/plain','data':'Hej'}}]}]}")
                .path("messages");

        String id = ToolIds.portable("t.2");
        String shown = "{'type':'image_url','image_url':{'url':'https://x/";
        assertThat(messages).hasSize(5);
        assertThat(messages.path(2))
                .isEqualTo(json("{'role':'tool','tool_call_id':'t1','content':'Error: two:\\n[image 1]\\n[image 2]'}"));
        assertThat(messages.path(3))
                .isEqualTo(json("{'role':'tool','tool_call_id':'" + id + "','content':'[image 1]\\nHej'}"));
        assertThat(messages.path(4))
                .isEqualTo(json("{'role':'user','content':["
                        + "{'type':'text','text':'Image 1 of the result of tool call t1:'}," + shown + "1'}},"
                        + "{'type':'text','text':'Image 2 of the result of tool call t1:'}," + shown + "2'}},"
                        + "{'type':'text','text':'Image 1 of the result of tool call " + id + ":'}," + shown + "3'}},"
                        + "{'type':'text','text':'and now?'}]}"));
    }

    @Test
    void long_id_is_rewritten_on_call_and_result_alike() {
        String id = "toolu_" + "x".repeat(60);

        JsonNode messages = messages((ASKED + "{'role':'user','content':[{'type':'tool_result','tool_use_id':'t1'}]}")
                        .replace("t1", id))
                .path("messages");

        assertThat(messages.at("/1/tool_calls/0/id").asText()).isEqualTo(ToolIds.portable(id));
        assertThat(messages.at("/2/tool_call_id").asText()).isEqualTo(ToolIds.portable(id));
        assertThat(messages.at("/2/content").asText()).isEmpty();
    }

    @Test
    void answer_of_nothing_but_thoughts_is_left_out() {
        Translated translated = MessagesToChat.request(
                json("{'messages':[{'role':'user','content':'a'},{'role':'assistant','content':["
                        + "{'type':'redacted_thinking','data':'x'}]}]}"),
                PLAIN,
                false);

        assertThat(translated.body().path("messages")).hasSize(1);
        assertThat(translated.dropped()).containsExactly("thinking blocks");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "file | {'type':'image','source':{'type':'file','file_id':'f'}}",
                "file | {'type':'document','source':{'type':'url','url':'https://x'}}",
                "file | {'type':'document','source':{'type':'file','file_id':'f'}}",
                "file | {'type':'container_upload','file_id':'f'}",
                "server-tools | {'type':'web_search_tool_result'}",
            })
    void block_that_chat_does_not_take_makes_the_target_ineligible(String feature, String block) {
        assertIneligible("{'messages':[{'role':'user','content':[" + block + "]}]}", feature);
    }

    @Test
    void what_another_vendor_keeps_or_runs_makes_the_target_ineligible() {
        String user = "'messages':[{'role':'user','content':'a'}]";

        assertIneligible("{" + user + ",'tools':[{'type':'web_search_20260101','name':'web_search'}]}", "server-tools");
        assertIneligible("{" + user + ",'mcp_servers':[{'url':'https://x'}]}", "server-tools");
        assertIneligible("{" + user + ",'previous_message_id':'m'}", "stored-conversation");
        assertIneligible(
                "{'messages':[" + ASKED
                        + "{'role':'user','content':[{'type':'tool_result','tool_use_id':'t1','content':["
                        + "{'type':'document','source':{'type':'base64','media_type':'application/pdf','data':'AA=='}}]}]}]}",
                "content");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "messages | {'messages':[]}",
                "messages | {}",
                "messages[0].content | {'messages':[{'role':'user'}]}",
                "messages[0].content | {'messages':[{'role':'user','content':[]}]}",
                "messages[0].role | {'messages':[{'role':'robot','content':'a'}]}",
                "messages[0].content |"
                        + " {'messages':[{'role':'user','content':[{'type':'tool_result','tool_use_id':'t'}]}]}",
                "tools[0].name | {'messages':[{'role':'user','content':'a'}],'tools':[{}]}",
                "tools | {'messages':[{'role':'user','content':'a'}],'tools':{'a':1}}",
                "system | {'messages':[{'role':'user','content':'a'}],'system':{'a':1}}",
                "messages[1].content | {'messages':[{'role':'assistant','content':[{'type':'tool_use','id':'t',"
                        + "'name':'f','input':{}}]},{'role':'user','content':[{'type':'tool_result','tool_use_id':'t',"
                        + "'content':{'a':1}}]}]}",
            })
    void callers_mistake_is_told_with_its_field(String param, String request) {
        assertThatExceptionOfType(Untranslatable.Invalid.class)
                .isThrownBy(() -> MessagesToChat.request(json(request), PLAIN, false))
                .returns(param, Untranslatable.Invalid::param);
    }

    @Test
    void empty_message_of_the_user_is_left_out_of_the_history() {
        Translated translated = MessagesToChat.request(
                json("{'messages':[{'role':'user','content':'a'},{'role':'assistant','content':'b'},"
                        + "{'role':'user','content':[]},{'role':'assistant','content':'c'},"
                        + "{'role':'user','content':'d'}]}"),
                PLAIN,
                false);

        assertThat(translated.dropped()).containsExactly("messages[2]");
        assertThat(translated.body().path("messages"))
                .extracting(message -> message.path("content").asText())
                .containsExactly("a", "b", "c", "d");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'media_type':'image/jpg','data':'/9j/4AAQ' | data:image/jpeg;base64,/9j/4AAQ",
                "'media_type':'image/jpg','data':'AAAA' | data:image/jpeg;base64,AAAA",
                "'media_type':'IMAGE/PNG','data':'AAAA' | data:image/png;base64,AAAA",
                "'media_type':'image/png; q=1','data':'AAAA' | data:image/png;base64,AAAA",
                "'media_type':'image/png','data':'/9j/4AAQ' | data:image/jpeg;base64,/9j/4AAQ",
                "'data':'iVBORw0KGgo=' | data:image/png;base64,iVBORw0KGgo=",
            })
    void image_has_the_media_type_that_its_bytes_or_its_name_tell(String source, String url) {
        JsonNode body =
                messages("{'role':'user','content':[{'type':'image','source':{'type':'base64'," + source + "}}]}");

        assertThat(body.at("/messages/0/content/0/image_url/url").asText()).isEqualTo(url);
    }

    @Test
    void image_of_which_nobody_knows_the_media_type_is_the_callers_mistake() {
        assertThatExceptionOfType(Untranslatable.Invalid.class)
                .isThrownBy(() -> messages(
                        "{'role':'user','content':[{'type':'image','source':{'type':'base64'," + "'data':'AAAA'}}]}"))
                .withMessageContaining("missing");
    }

    @Test
    void call_without_result_is_the_callers_mistake() {
        assertThatExceptionOfType(Untranslatable.Invalid.class)
                .isThrownBy(() -> messages(ASKED + "{'role':'user','content':'b'}"))
                .returns("messages[2]", Untranslatable.Invalid::param);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'type':'auto'} | 'auto'",
                "{'type':'any'} | 'required'",
                "{'type':'none'} | 'none'",
                "{'type':'tool','name':'w'} | {'type':'function','function':{'name':'w'}}",
            })
    void choice_of_tools_is_translated(String choice, String expected) {
        JsonNode body = request(
                "{'tools':[{'name':'w','input_schema':{'type':'object'}}],'tool_choice':" + choice + "}", PLAIN);

        assertThat(body.path("tool_choice"))
                .isEqualTo(json("{'x':" + expected + "}").path("x"));
        assertThat(body.has("parallel_tool_calls")).isFalse();
    }

    @Test
    void settings_are_carried_over_or_reported() {
        Translated translated = MessagesToChat.request(
                with(
                        "{'stop_sequences':['a','b','c','d','e'],'temperature':0.3,'top_p':0.5,'max_tokens':7,"
                                + "'service_tier':'standard_only','container':'c','speed':'fast','inference_geo':'eu',"
                                + "'output_config':{'effort':'high','format':{'type':'json_schema','schema':{'type':'object'}}}}"),
                PLAIN,
                false);

        assertThat(translated.body().path("stop")).hasSize(4);
        assertThat(translated.body().path("temperature").asDouble()).isEqualTo(0.3);
        assertThat(translated.body().path("service_tier").asText()).isEqualTo("default");
        assertThat(translated.body().path("reasoning_effort").asText()).isEqualTo("high");
        assertThat(translated.body().path("response_format"))
                .isEqualTo(json("{'type':'json_schema','json_schema':{'name':'response','strict':false,"
                        + "'schema':{'type':'object'}}}"));
        assertThat(translated.dropped())
                .containsExactlyInAnyOrder("stop_sequences", "container", "speed", "inference_geo");
    }

    @Test
    void model_that_takes_little_is_sent_little() {
        Translated translated = MessagesToChat.request(
                with("{'temperature':0.3,'top_p':1,'max_tokens':7,'output_config':{'effort':'low'},"
                        + "'thinking':{'type':'adaptive'}}"),
                OLD,
                true);

        assertThat(translated.body())
                .isEqualTo(json("{'model':'model','messages':[{'role':'user','content':'hi'}],'max_tokens':7,"
                        + "'stream':true}"));
        assertThat(translated.dropped())
                .containsExactlyInAnyOrder("temperature", "top_p", "output_config.effort", "thinking");
    }

    @ParameterizedTest
    @CsvSource({"enabled,medium", "adaptive,medium", "disabled,none", "between_tools,"})
    void thinking_becomes_effort(String thinking, String effort) {
        JsonNode body = request("{'thinking':{'type':'" + thinking + "'}}", PLAIN);

        assertThat(body.path("reasoning_effort").textValue()).isEqualTo(effort);
    }

    @Test
    void tools_silence_the_effort_where_the_model_wants_it_so() {
        ChatTarget target = new ChatTarget("model", "max_completion_tokens", false, true, true, true);
        ObjectNode request = with("{'tools':[{'name':'w'}],'output_config':{'effort':'high'}}");

        Translated translated = MessagesToChat.request(request, target, false);

        assertThat(translated.body().path("reasoning_effort").asText()).isEqualTo("none");
        assertThat(translated.dropped()).containsExactly("output_config.effort");
    }

    private static JsonNode messages(String messages) {
        return MessagesToChat.request(json("{'messages':[" + messages + "]}"), PLAIN, false)
                .body();
    }

    private static JsonNode request(String fields, ChatTarget target) {
        return MessagesToChat.request(with(fields), target, false).body();
    }

    private static ObjectNode with(String fields) {
        ObjectNode request = json("{'model':'any','messages':[{'role':'user','content':'hi'}]}");
        return request.setAll(json(fields));
    }

    private static void assertIneligible(String request, String feature) {
        assertThatExceptionOfType(Untranslatable.Ineligible.class)
                .isThrownBy(() -> MessagesToChat.request(json(request), PLAIN, false))
                .returns(feature, Untranslatable.Ineligible::feature);
    }
}
