package io.bactrian.protocol.translation;

import static io.bactrian.protocol.translation.Trees.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChatToMessagesTest {
    private static final MessagesTarget NEW = MessagesTarget.of("model", 1000);
    private static final MessagesTarget OLD = new MessagesTarget("model", 1000, 500, true, true, true, true);
    private static final String WEATHER =
            "{'type':'function','function':{'name':'weather','parameters':{'type':'object','properties':{}}}}";
    private static final String CALL =
            "{'id':'c1','type':'function','function':{'name':'weather','arguments':'{\\'city\\':\\'Oslo\\'}'}}";

    @Test
    void instructions_are_hoisted_in_order_wherever_they_stand() {
        JsonNode body = messages("{'role':'system','content':'a'},{'role':'user','content':'hi'},"
                + "{'role':'developer','content':[{'type':'text','text':'b'},{'type':'text','text':''}]}");

        assertThat(body.path("system"))
                .isEqualTo(json("{'x':[{'type':'text','text':'a'},{'type':'text','text':'b'}]}")
                        .path("x"));
        assertThat(body.path("messages")).hasSize(1);
    }

    @Test
    void turns_of_one_role_are_merged() {
        JsonNode body = messages("{'role':'user','content':'a'},{'role':'user','content':'b'}");

        assertThat(body.path("messages"))
                .isEqualTo(json("{'x':[{'role':'user','content':[{'type':'text','text':'a'},"
                                + "{'type':'text','text':'b'}]}]}")
                        .path("x"));
    }

    @Test
    void conversation_that_does_not_begin_or_end_with_the_user_gets_a_user_turn() {
        JsonNode body = messages("{'role':'assistant','content':'Hello'}");

        assertThat(body.path("messages").findValuesAsText("role")).containsExactly("user", "assistant", "user");
        assertThat(body.path("messages").path(2).path("content").asText()).isEqualTo("Continue.");
    }

    @Test
    void prefill_is_left_to_a_model_that_takes_it_without_white_space_at_its_end() {
        ObjectNode chat = chat("{'role':'user','content':'hi'},{'role':'assistant','content':'Once upon '}");

        JsonNode messages = ChatToMessages.request(chat, OLD, false).body().path("messages");

        assertThat(messages).hasSize(2);
        assertThat(messages.path(1).path("content").asText()).isEqualTo("Once upon");
    }

    @Test
    void empty_user_message_is_the_callers_mistake() {
        assertInvalid("{'role':'user','content':' '}", "messages[0].content");
        assertInvalid("{'role':'user','content':[{'type':'text','text':''}]}", "messages[0].content");
        assertInvalid("{'role':'user'}", "messages[0].content");
        assertInvalid("{'role':'user','content':7}", "messages[0].content");
        assertInvalid("{'role':'robot','content':'x'}", "messages[0].role");
        assertInvalid("", "messages");
        assertInvalid("{'role':'assistant','tool_calls':{'a':1}}", "messages[0].tool_calls");
    }

    @Test
    void empty_answer_in_the_history_is_left_out() {
        ObjectNode chat =
                chat("{'role':'user','content':'a'},{'role':'assistant','content':''},{'role':'user','content':'b'}");

        Translated translated = ChatToMessages.request(chat, NEW, false);

        assertThat(translated.body().path("messages")).hasSize(1);
        assertThat(translated.dropped()).containsExactly("messages[1]");
    }

    @Test
    void refusal_in_the_history_is_text() {
        JsonNode body = messages(
                "{'role':'user','content':'a'},{'role':'assistant','content':null,'refusal':'No.'},"
                        + "{'role':'assistant','content':[{'type':'refusal','refusal':'Never.'}]},{'role':'user','content':'b'}");

        assertThat(body.path("messages").path(1).path("content").findValuesAsText("text"))
                .containsExactly("No.", "Never.");
    }

    @Test
    void tool_call_follows_the_text_and_keeps_broken_arguments_as_they_are() {
        JsonNode body = messages("{'role':'user','content':'a'},{'role':'assistant','content':'Looking','tool_calls':["
                + "{'id':'c1','type':'function','function':{'name':'weather','arguments':'{city'}},"
                + "{'id':'c2','type':'custom','custom':{'name':'shell','input':'ls'}}]},"
                + "{'role':'tool','tool_call_id':'c2','content':''},{'role':'tool','tool_call_id':'c1','content':'x'}");

        JsonNode blocks = body.path("messages").path(1).path("content");
        assertThat(blocks.findValuesAsText("type")).containsExactly("text", "tool_use", "tool_use");
        assertThat(blocks.path(1).path("input")).isEqualTo(json("{'_raw':'{city'}"));
        assertThat(blocks.path(2).path("input")).isEqualTo(json("{'input':'ls'}"));
        assertThat(body.path("messages").path(2).path("content").path(0))
                .isEqualTo(json("{'type':'tool_result','tool_use_id':'c2','content':''}"));
    }

    @Test
    void deprecated_function_calls_are_paired_with_their_results() {
        JsonNode body = messages("{'role':'user','content':'a'},"
                + "{'role':'assistant','content':null,'function_call':{'name':'weather','arguments':'{}'}},"
                + "{'role':'function','name':'weather','content':'1'},"
                + "{'role':'assistant','content':null,'function_call':{'name':'weather','arguments':'{}'}},"
                + "{'role':'function','name':'weather','content':'2'}");

        String first = body.at("/messages/1/content/0/id").asText();
        String second = body.at("/messages/3/content/0/id").asText();
        assertThat(first).matches("[a-zA-Z0-9_-]+").isNotEqualTo(second);
        assertThat(body.at("/messages/2/content/0/tool_use_id").asText()).isEqualTo(first);
        assertThat(body.at("/messages/4/content/0/tool_use_id").asText()).isEqualTo(second);
    }

    @Test
    void id_that_the_vendor_refuses_is_rewritten_on_call_and_result_alike() {
        JsonNode body = messages("{'role':'user','content':'a'},{'role':'assistant','tool_calls':["
                + CALL.replace("c1", "functions.weather:0") + "]},"
                + "{'role':'tool','tool_call_id':'functions.weather:0','content':'x'}");

        String id = body.at("/messages/1/content/0/id").asText();
        assertThat(id).isEqualTo(ToolIds.portable("functions.weather:0")).matches("[a-zA-Z0-9_-]{1,40}");
        assertThat(body.at("/messages/2/content/0/tool_use_id").asText()).isEqualTo(id);
    }

    @Test
    void id_used_again_in_a_later_turn_is_made_unique() {
        String turn = "{'role':'assistant','tool_calls':[" + CALL + "]},"
                + "{'role':'tool','tool_call_id':'c1','content':'x'}";

        JsonNode body = messages("{'role':'user','content':'a'}," + turn + "," + turn);

        String again = body.at("/messages/3/content/0/id").asText();
        assertThat(again).isNotEqualTo("c1");
        assertThat(body.at("/messages/4/content/0/tool_use_id").asText()).isEqualTo(again);
    }

    @Test
    void tools_that_are_no_list_are_the_callers_mistake() {
        assertThatExceptionOfType(Untranslatable.Invalid.class)
                .isThrownBy(() -> ChatToMessages.request(with("{'tools':{'a':1}}"), NEW, false))
                .returns("tools", Untranslatable.Invalid::param);
    }

    @Test
    void result_without_call_and_call_without_result_are_the_callers_mistakes() {
        String asked = "{'role':'user','content':'a'},{'role':'assistant','tool_calls':[" + CALL + "]}";

        assertInvalid("{'role':'tool','tool_call_id':'c9','content':'x'}", "messages[0].tool_call_id");
        assertInvalid(asked, "messages");
        assertInvalid(asked + ",{'role':'user','content':'b'}", "messages[2]");
        assertInvalid(asked + ",{'role':'assistant','content':'b'}", "messages[2]");
        assertInvalid(asked + ",{'role':'tool','tool_call_id':'c2','content':'x'}", "messages[2].tool_call_id");
    }

    @Test
    void plain_text_file_becomes_a_text_document() {
        JsonNode body = messages("{'role':'user','content':[{'type':'file','file':{'filename':'a.txt',"
                + "'file_data':'data:text/plain;charset=utf-8;base64,SGVq'}}]}");

        assertThat(body.at("/messages/0/content/0"))
                .isEqualTo(json("{'type':'document','source':{'type':'text','media_type':'text/plain','data':'Hej'},"
                        + "'title':'a.txt'}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "images | {'type':'image_url','image_url':{'url':'data:image/bmp;base64,AA=='}}",
                "images | {'type':'image_url','image_url':{'url':'data:image/png,raw'}}",
                "file | {'type':'file','file':{'file_id':'file-1'}}",
                "file | {'type':'file','file':{'file_data':'data:text/csv;base64,AA=='}}",
                "audio | {'type':'input_audio','input_audio':{'data':'AA==','format':'wav'}}",
                "content | {'type':'hologram'}",
            })
    void part_that_messages_does_not_take_makes_the_target_ineligible(String feature, String part) {
        assertIneligible(chat("{'role':'user','content':[" + part + "]}"), feature);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'image_url','image_url':{'url':'ftp://x'}}",
                "{'type':'image_url','image_url':{}}",
                "{'type':'text'}",
                "{'text':'x'}",
                "{'type':'file','file':{}}"
            })
    void malformed_part_is_the_callers_mistake(String part) {
        assertThatExceptionOfType(Untranslatable.Invalid.class)
                .isThrownBy(() -> messages("{'role':'user','content':[" + part + "]}"))
                .satisfies(e -> assertThat(e.param()).startsWith("messages[0].content[0]."));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "n | {'n':2}",
                "logprobs | {'logprobs':true}",
                "audio | {'modalities':['text','audio']}",
                "audio | {'audio':{'voice':'x','format':'mp3'}}",
                "web-search | {'web_search_options':{}}",
                "functions | {'functions':[{'name':'f'}]}",
                "json-schema | {'response_format':{'type':'grammar'}}",
                "tools | {'tools':[{'type':'custom','custom':{'name':'s','format':{'type':'grammar'}}}]}",
                "tools | {'tools':[{'type':'web_search'}]}",
            })
    void feature_that_messages_does_not_have_makes_the_target_ineligible(String feature, String fields) {
        assertIneligible(with(fields), feature);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'n':1,'logprobs':false,'modalities':['text'],'audio':null,'functions':[]}",
                "{'store':false,'metadata':{},'frequency_penalty':0,'presence_penalty':0.0,'logit_bias':{}}",
                "{'response_format':{'type':'text'},'stream':true,'stream_options':{'include_usage':true}}",
            })
    void value_that_asks_for_nothing_is_neither_refused_nor_reported(String fields) {
        Translated translated = ChatToMessages.request(with(fields), NEW, false);

        assertThat(translated.dropped()).isEmpty();
        assertThat(translated.body().fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder("model", "max_tokens", "messages");
    }

    @Test
    void harmless_fields_are_dropped_and_reported() {
        Translated translated = ChatToMessages.request(
                with("{'seed':0,'logit_bias':{'1':2},'store':true,'metadata':{'a':'b'},'presence_penalty':1,"
                        + "'prediction':{'type':'content','content':'x'},'verbosity':'low','prompt_cache_key':'k',"
                        + "'top_logprobs':2,'moderation':{},'reasoning_effort':'high','service_tier':'flex',"
                        + "'temperature':0,'never_heard_of':1}"),
                NEW,
                false);

        assertThat(translated.dropped())
                .containsExactlyInAnyOrder(
                        "seed",
                        "logit_bias",
                        "store",
                        "metadata",
                        "presence_penalty",
                        "prediction",
                        "verbosity",
                        "prompt_cache_key",
                        "top_logprobs",
                        "moderation",
                        "reasoning_effort",
                        "service_tier",
                        "temperature",
                        "never_heard_of");
        assertThat(translated.body()).hasSize(3);
    }

    @Test
    void empty_message_of_the_user_is_left_out_of_the_history() {
        for (String empty : List.of("''", "' \\n'", "[]", "null", "[{'type':'text','text':''}]")) {
            Translated translated = ChatToMessages.request(
                    chat("{'role':'user','content':'a'},{'role':'assistant','content':'b'},"
                            + "{'role':'user','content':" + empty + "},"
                            + "{'role':'assistant','content':'c'},{'role':'user','content':'d'}"),
                    NEW,
                    false);

            assertThat(translated.dropped()).as(empty).containsExactly("messages[2]");
            assertThat(translated.body().path("messages"))
                    .as(empty)
                    .isEqualTo(json("{'x':[{'role':'user','content':'a'},{'role':'assistant','content':["
                                    + "{'type':'text','text':'b'},{'type':'text','text':'c'}]},"
                                    + "{'role':'user','content':'d'}]}")
                            .path("x"));
        }
    }

    @Test
    void empty_message_at_the_end_is_not_turned_into_another_request() {
        assertInvalid("{'role':'user','content':''}", "messages[0].content");
        assertInvalid(
                "{'role':'user','content':'a'},{'role':'assistant','content':'b'},{'role':'user','content':' '}",
                "messages[2].content");
        assertInvalid(
                "{'role':'user','content':'a'},{'role':'assistant','content':'b'},{'role':'user','content':[]},"
                        + "{'role':'system','content':'c'}",
                "messages[2].content");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "image/jpeg | /9j/4AAQSkZJRg== | {'url':'data:image/jpg;base64,/9j/4AAQSkZJRg=='}",
                "image/jpeg | /9j/4AAQSkZJRg== | {'url':'data:IMAGE/JPEG;BASE64,/9j/4AAQSkZJRg=='}",
                "image/jpeg | /9j/4AAQSkZJRg== | {'url':'data:image/pjpeg;base64,/9j/4AAQSkZJRg=='}",
                "image/jpeg | /9j/4AAQSkZJRg== | {'url':'data:image/jpeg;name=a.jpg;base64,/9j/4AAQSkZJRg=='}",
                "image/jpeg | /9j/4AAQSkZJRg== | {'url':'data:;base64,/9j/4AAQSkZJRg=='}",
                "image/jpeg | /9j/4AAQSkZJRg== | {'url':'data:application/octet-stream;base64,/9j/4AAQSkZJRg=='}",
                "image/jpeg | /9j/4AAQSkZJRg== | {'url':'/9j/4AAQSkZJRg=='}",
                "image/jpeg | /9j/4AAQSkZJRg== | 'data:image/jpeg;base64,/9j/4AAQSkZJRg=='",
                "image/jpeg | AAAA | {'url':'data:image/jpg;base64,AAAA'}",
                "image/png | iVBORw0KGgo= | {'url':'data:image/x-png;base64,iVBORw0KGgo='}",
                "image/png | iVBORw0KGgo= | {'url':'data:image/jpeg;base64,iVBORw0KGgo='}",
                "image/gif | R0lGODlhAQAB | {'url':'data:image/*;base64,R0lGODlhAQAB'}",
                "image/webp | UklGRhAAAABXRUJQ | {'url':'data:image;base64,UklGRhAAAABXRUJQ'}",
            })
    void image_has_the_media_type_that_its_bytes_or_its_name_tell(String type, String data, String image) {
        JsonNode body = messages("{'role':'user','content':[{'type':'image_url','image_url':" + image + "}]}");

        assertThat(body.at("/messages/0/content/0"))
                .isEqualTo(json("{'type':'image','source':{'type':'base64','media_type':'" + type + "','data':'" + data
                        + "'}}"));
    }

    @Test
    void pdf_is_known_by_its_bytes() {
        for (String file : List.of("JVBERi0xLjc=", "data:application/octet-stream;base64,JVBERi0xLjc=")) {
            JsonNode body = messages(
                    "{'role':'user','content':[{'type':'file','file':{'filename':'a','file_data':'" + file + "'}}]}");

            assertThat(body.at("/messages/0/content/0/source"))
                    .isEqualTo(json("{'type':'base64','media_type':'application/pdf','data':'JVBERi0xLjc='}"));
        }
    }

    @Test
    void text_may_stand_in_a_list_without_a_part_around_it() {
        assertThat(messages("{'role':'user','content':['a','b']}")
                        .at("/messages/0/content/1/text")
                        .asText())
                .isEqualTo("b");
    }

    @Test
    void thoughts_of_another_vendor_are_left_out_of_the_history() {
        Translated translated = ChatToMessages.request(
                chat("{'role':'user','content':'a'},{'role':'assistant','content':["
                        + "{'type':'thinking','thinking':[{'type':'text','text':'hm'}]},{'type':'text','text':'b'}]},"
                        + "{'role':'user','content':'c'}"),
                NEW,
                false);

        assertThat(translated.dropped()).containsExactly("thinking blocks");
        assertThat(translated.body().at("/messages/1/content"))
                .isEqualTo(json("{'x':[{'type':'text','text':'b'}]}").path("x"));
    }

    @Test
    void negative_limit_means_none() {
        Translated translated = ChatToMessages.request(with("{'max_tokens':-1}"), NEW, false);

        assertThat(translated.body().path("max_tokens").asInt()).isEqualTo(1000);
        assertThat(translated.dropped()).containsExactly("max_tokens");
    }

    @Test
    void any_tool_is_another_word_for_required() {
        assertThat(request("{'tools':[" + WEATHER + "],'tool_choice':'any'}", NEW)
                        .at("/tool_choice/type")
                        .asText())
                .isEqualTo("any");
    }

    @Test
    void limit_is_the_callers_within_the_models() {
        assertThat(request("{'max_completion_tokens':400,'max_tokens':300}", OLD)
                        .path("max_tokens")
                        .asInt())
                .isEqualTo(400);
        assertThat(request("{'max_tokens':9000}", OLD).path("max_tokens").asInt())
                .isEqualTo(500);
        assertThat(request("{}", NEW).path("max_tokens").asInt()).isEqualTo(1000);
        assertThatExceptionOfType(Untranslatable.Invalid.class)
                .isThrownBy(() -> request("{'max_tokens':0}", NEW))
                .returns("max_tokens", Untranslatable.Invalid::param);
    }

    @Test
    void sampling_goes_to_a_model_that_takes_it_within_its_range() {
        JsonNode both = request("{'temperature':1.7,'top_p':0.5}", OLD);

        assertThat(both.path("temperature").asDouble()).isEqualTo(1);
        assertThat(both.has("top_p")).isFalse();
        assertThat(request("{'top_p':0.5}", OLD).path("top_p").asDouble()).isEqualTo(0.5);
    }

    @Test
    void stop_sequences_of_white_space_are_left_out() {
        JsonNode body = request("{'stop':['END','\\n']}", NEW);

        assertThat(body.path("stop_sequences")).isEqualTo(json("{'x':['END']}").path("x"));
        assertThat(request("{'stop':' '}", NEW).has("stop_sequences")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'none' | {'type':'none'}",
                "'auto' | {'type':'auto','disable_parallel_tool_use':true}",
                "'required' | {'type':'any','disable_parallel_tool_use':true}",
                "null | {'type':'auto','disable_parallel_tool_use':true}",
                "{'type':'function','function':{'name':'weather'}} "
                        + "| {'type':'tool','name':'weather','disable_parallel_tool_use':true}",
            })
    void choice_of_tools_is_translated(String choice, String expected) {
        JsonNode body =
                request("{'tools':[" + WEATHER + "],'parallel_tool_calls':false,'tool_choice':" + choice + "}", NEW);

        assertThat(body.path("tool_choice")).isEqualTo(json(expected));
    }

    @Test
    void allowed_tools_are_the_only_ones_offered() {
        JsonNode body = request(
                "{'tools':[" + WEATHER + "," + WEATHER.replace("weather", "time") + "],'tool_choice':"
                        + "{'type':'allowed_tools','allowed_tools':{'mode':'required','tools':["
                        + "{'type':'function','function':{'name':'time'}}]}}}",
                NEW);

        assertThat(body.path("tools").findValuesAsText("name")).containsExactly("time");
        assertThat(body.path("tool_choice")).isEqualTo(json("{'type':'any'}"));
    }

    @Test
    void choice_without_tools_is_left_out() {
        JsonNode body = request("{'tool_choice':'none','parallel_tool_calls':false,'tools':[]}", NEW);

        assertThat(body.has("tool_choice")).isFalse();
    }

    @Test
    void tools_of_the_history_are_declared_where_none_is_offered() {
        JsonNode body = messages("{'role':'user','content':'a'},{'role':'assistant','tool_calls':[" + CALL + "]},"
                + "{'role':'tool','tool_call_id':'c1','content':'x'}");

        assertThat(body.path("tools").findValuesAsText("name")).containsExactly("weather");
        assertThat(body.path("tool_choice")).isEqualTo(json("{'type':'none'}"));
    }

    @Test
    void incomplete_tool_schema_is_completed() {
        JsonNode body = request(
                "{'tools':[{'type':'function','function':{'name':'a','description':'d'}},"
                        + "{'type':'function','function':{'name':'b','parameters':{'properties':{}},'strict':false}}]}",
                NEW);

        String empty = "{'type':'object','properties':{}}";
        assertThat(body.at("/tools/0")).isEqualTo(json("{'name':'a','description':'d','input_schema':" + empty + "}"));
        assertThat(body.at("/tools/1")).isEqualTo(json("{'name':'b','input_schema':" + empty + "}"));
    }

    @Test
    void custom_tool_is_wrapped_into_one_with_a_single_text() {
        ObjectNode chat = with("{'tools':[{'type':'custom','custom':{'name':'shell','description':'d'}}]}");

        JsonNode tool = ChatToMessages.request(chat, NEW, false).body().at("/tools/0");

        assertThat(tool.at("/input_schema/properties/input/type").asText()).isEqualTo("string");
        assertThat(ChatToMessages.customTools(chat)).containsExactly("shell");
    }

    @Test
    void schema_that_is_none_is_the_callers_mistake() {
        assertThatExceptionOfType(Untranslatable.Invalid.class)
                .isThrownBy(() -> request(
                        "{'response_format':{'type':'json_schema','json_schema':{'name':'x','schema':7}}}", NEW))
                .returns("response_format.json_schema.schema", Untranslatable.Invalid::param);
    }

    @Test
    void remaining_fields_are_carried_over() {
        JsonNode body = request("{'safety_identifier':'s','service_tier':'default','reasoning_effort':'max'}", OLD);

        assertThat(body.at("/metadata/user_id").asText()).isEqualTo("s");
        assertThat(body.path("service_tier").asText()).isEqualTo("standard_only");
        assertThat(body.at("/output_config/effort").asText()).isEqualTo("max");
        assertThat(request("{'service_tier':'auto'}", OLD).path("service_tier").asText())
                .isEqualTo("auto");
        assertThat(ChatToMessages.request(with("{'reasoning_effort':'minimal'}"), OLD, false)
                        .dropped())
                .containsExactly("reasoning_effort");
    }

    @Test
    void stream_is_asked_for_by_the_gateway_alone() {
        ObjectNode chat = with("{'stream':true}");

        assertThat(ChatToMessages.request(chat, NEW, false).body().has("stream"))
                .isFalse();
        assertThat(ChatToMessages.request(with("{}"), NEW, true)
                        .body()
                        .path("stream")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void input_stays_as_it_was() {
        ObjectNode chat = with("{'tools':[" + WEATHER.replace("'type':'object',", "") + "],'response_format':"
                + "{'type':'json_object'},'temperature':2}");
        ObjectNode before = chat.deepCopy();

        ObjectNode body = ChatToMessages.request(chat, OLD, true).body();
        body.withObjectProperty("tools/x");
        ((ObjectNode) body.at("/tools/0/input_schema")).put("changed", true);

        assertThat(chat).isEqualTo(before);
    }

    private static JsonNode messages(String messages) {
        return ChatToMessages.request(chat(messages), NEW, false).body();
    }

    private static JsonNode request(String fields, MessagesTarget target) {
        return ChatToMessages.request(with(fields), target, false).body();
    }

    private static ObjectNode with(String fields) {
        ObjectNode chat = chat("{'role':'user','content':'hi'}");
        return chat.setAll(json(fields));
    }

    private static ObjectNode chat(String messages) {
        return json("{'model':'any','messages':[" + messages.replace("\\'", "\\\"") + "]}");
    }

    private static void assertInvalid(String messages, String param) {
        assertThatExceptionOfType(Untranslatable.Invalid.class)
                .isThrownBy(() -> messages(messages))
                .returns(param, Untranslatable.Invalid::param);
    }

    private static void assertIneligible(ObjectNode chat, String feature) {
        assertThatExceptionOfType(Untranslatable.Ineligible.class)
                .isThrownBy(() -> ChatToMessages.request(chat, NEW, false))
                .returns(feature, Untranslatable.Ineligible::feature);
    }
}
