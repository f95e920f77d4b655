package io.bactrian.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.config.Feature;
import io.bactrian.protocol.anthropic.Messages;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChatRequestMessagesViewsTest {
    private static final String REST = "'max_tokens':9,'messages':[{'role':'user','content':'hi'}]";

    @Test
    void needs_are_found() {
        assertThat(parse("{'tools':[{'name':'f'}],%s}").needs()).containsExactly(Feature.TOOLS);
        assertThat(parse("{'tools':[],%s}").needs()).isEmpty();
        assertThat(parse("{'output_config':{'effort':'low','format':{'schema':{},'type':'json_schema'}},%s}")
                        .needs())
                .containsExactly(Feature.JSON_SCHEMA);
        assertThat(parse("{'output_format':{'type':'json_schema'},%s}").needs()).containsExactly(Feature.JSON_SCHEMA);
        assertThat(parse("{'output_config':{'type':'json_schema'},%s}").needs()).isEmpty();
    }

    @Test
    void images_are_found_within_results_but_not_within_a_tool_s_input() {
        String image = "{'source':{'type':'base64','data':''},'type':'image'}";

        assertThat(blocks(image).needs()).containsExactly(Feature.IMAGES);
        assertThat(blocks("{'type':'tool_result','content':[" + image + "]}").needs())
                .containsExactly(Feature.IMAGES);
        assertThat(blocks("{'type':'tool_use','input':{'type':'image','content':[" + image + "]}}")
                        .needs())
                .isEmpty();
        assertThat(blocks("{'type':'text','text':'image'}").needs()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "enabled          | true",
                "adaptive         | true",
                "between_tools    | true",
                "disabled         | false",
                "something        | false"
            })
    void thinking_is_asked_for_by_its_type(String type, boolean thinks) {
        assertThat(parse("{'thinking':{'budget_tokens':1024,'type':'" + type + "'},%s}")
                        .thinks())
                .isEqualTo(thinks);
        assertThat(parse("{'output_config':{'effort':'high'},'thinking':null,%s}")
                        .thinks())
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'tools':[{'name':'f'},{'type':'web_search_20250305'}]",
                "'mcp_servers':[{'url':'https://a'}]",
            })
    void tools_the_vendor_runs_are_its_own(String field) {
        assertThat(parse("{" + field + ",%s}").ownOnly()).containsExactly("server-tools");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "server_tool_use",
                "web_search_tool_result",
                "bash_code_execution_tool_result",
                "mcp_tool_use",
                "container_upload",
                "something_new"
            })
    void blocks_no_other_protocol_knows_are_the_vendor_s_own(String type) {
        assertThat(blocks("{'id':'x','type':'" + type + "'}").ownOnly()).containsExactly("server-tools");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'image','source':{'file_id':'f','type':'file'}}",
                "{'source':{'type':'file'},'type':'document'}",
                "{'type':'document','source':{'type':'url'}}",
                "{'type':'document','source':{'type':'content','content':[{'type':'text'}]}}",
                "{'type':'tool_result','content':[{'type':'document','source':{'type':'url'}}]}"
            })
    void files_the_vendor_keeps_or_fetches_are_its_own(String block) {
        assertThat(blocks(block).ownOnly()).containsExactly("file");
    }

    @Test
    void conversation_the_vendor_is_to_keep_from_now_on_is_whole() {
        assertThat(parse("{'thread':{'type':'create'},%s}").ownOnly()).containsExactly("thread");
        assertThat(parse("{'thread':{'type':'continue','id':'x'},%s}").ownOnly())
                .containsExactly("stored-conversation");
    }

    @ParameterizedTest
    @ValueSource(strings = {"thread", "previous_message_id", "container"})
    void conversation_the_vendor_keeps_is_its_own(String field) {
        assertThat(parse("{'" + field + "':'x',%s}").ownOnly()).containsExactly("stored-conversation");
        assertThat(parse("{'" + field + "':{'id':'x'},%s}").ownOnly()).containsExactly("stored-conversation");
        assertThat(parse("{'" + field + "':null,%s}").ownOnly()).isEmpty();
    }

    @Test
    void what_has_its_like_elsewhere_is_nobody_s_own() {
        assertThat(parse("{'tools':[{'type':'custom'},{'type':null},{}],'mcp_servers':[],%s}")
                        .ownOnly())
                .isEmpty();
        assertThat(blocks("{'type':'image','source':{'type':'url'}},{'type':'document','source':{'type':'base64'}},"
                                + "{'type':'document','source':{'type':'text'}},{'type':'thinking'},"
                                + "{'type':'redacted_thinking'},{'type':'search_result','content':[]},"
                                + "{'type':'tool_use','input':{'type':'server_tool_use'}},{'type':'tool_result'}")
                        .ownOnly())
                .isEmpty();
    }

    private static ChatRequest blocks(String blocks) {
        return parse("{'max_tokens':1,'messages':[{'role':'user','content':[" + blocks + "]}]}");
    }

    /** JSON with single quotes, %s standing for what is demanded. */
    private static ChatRequest parse(String body) {
        return Messages.PROTOCOL.read(
                body.replace("%s", REST).replace('\'', '"').getBytes(UTF_8));
    }
}
