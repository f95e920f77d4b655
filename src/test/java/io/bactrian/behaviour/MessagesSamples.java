package io.bactrian.behaviour;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.protocol.Json;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** Samples of Anthropic Messages with all that the protocol has: a request, and an answer as a document and as a stream. */
final class MessagesSamples {
    /** What a coding assistant sends: numbers, escapes and fields as nobody else would write them. */
    static final String REQUEST = """
        {"model":"MODEL","max_tokens":2048,"temperature":1.0,"top_p":0.990,\
        "metadata":{"user_id":"user_1f_account__session_9"},\
        "system":[{"type":"text","text":"You are a careful \\u0061ssistant."},\
        {"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral","ttl":"1h"}}],\
        "tools":[{"name":"Read","description":"Reads a file","input_schema":{"type":"object",\
        "properties":{"path":{"type":"string"},"limit":{"type":"number","maximum":1E+3}},"required":["path"]}},\
        {"name":"Shot","input_schema":{"type":"object","properties":{}},"cache_control":{"type":"ephemeral"}}],\
        "tool_choice":{"type":"auto","disable_parallel_tool_use":true},\
        "thinking":{"type":"enabled","budget_tokens":1024},\
        "messages":[{"role":"user","content":[{"type":"text","text":"Look at it, caf\u00e9.",\
        "cache_control":{"type":"ephemeral"}}]},\
        {"role":"assistant","content":[{"type":"thinking","thinking":"I read.","signature":"RXJ/+w=="},\
        {"type":"redacted_thinking","data":"b3BhcXVl"},{"type":"text","text":"I look."},\
        {"type":"tool_use","id":"toolu_01A","name":"Read","input":{"path":"/a \\/ b","limit":1.10}},\
        {"type":"tool_use","id":"toolu_01B","name":"Shot","input":{}}]},\
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_01A","is_error":true,\
        "content":"no such file"},{"type":"tool_result","tool_use_id":"toolu_01B","content":[\
        {"type":"text","text":"the screen"},{"type":"image","source":{"type":"base64",\
        "media_type":"image/png","data":"iVBORw0KGgo="}}]},{"type":"text","text":"Go on."}]}],\
        "context_management":{"edits":[{"type":"clear_tool_uses_20250919","keep":3.50}]}}""";

    static final String DOCUMENT = """
        {"id":"msg_01X","type":"message","role":"assistant","model":"claude-sonnet-5-5","content":[\
        {"type":"thinking","thinking":"Is it here? It is.","signature":"c2lnbmVk"},\
        {"type":"text","text":"As it says: here.","citations":[{"type":"char_location","cited_text":"here",\
        "document_index":0,"start_char_index":3,"end_char_index":7}]},\
        {"type":"tool_use","id":"toolu_01C","name":"Read","input":{"path":"/a","limit":1.10,"deep":{"n":[1,2]}}},\
        {"type":"tool_use","id":"toolu_01D","name":"Shot","input":{}}],\
        "stop_reason":"tool_use","stop_sequence":null,"stop_details":null,\
        "usage":{"input_tokens":12,"cache_creation_input_tokens":300,"cache_read_input_tokens":4000,\
        "cache_creation":{"ephemeral_5m_input_tokens":300,"ephemeral_1h_input_tokens":0},\
        "output_tokens":77,"output_tokens_details":{"thinking_tokens":20},"service_tier":"standard"}}""";

    /** The same as a stream: padding, pings and an event that nobody knows are part of the protocol. */
    static final String STREAM = events(
            """
            {"type":"message_start","message":{"id":"msg_01X","type":"message","role":"assistant",\
            "model":"claude-sonnet-5-5","content":[],"stop_reason":null,"stop_sequence":null,"stop_details":null,\
            "usage":{"input_tokens":12,"cache_creation_input_tokens":300,"cache_read_input_tokens":4000,\
            "cache_creation":{"ephemeral_5m_input_tokens":300,"ephemeral_1h_input_tokens":0},\
            "output_tokens":1,"service_tier":"standard"}}}""",
            "{\"type\": \"ping\"}",
            "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}}",
            "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"Is it"
                    + " here?\"}     }",
            "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\" It"
                    + " is.\"}}      ",
            "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\",\"signature\":\"c2lnbmVk\"}}",
            "{\"type\":\"content_block_stop\",\"index\":0}",
            "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"text\",\"text\":\"\",\"citations\":[]}}",
            "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"As it says:"
                    + " \"}}",
            "{\"type\":\"vendor_news\",\"share\":1.50,\"index\":1}",
            "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"citations_delta\",\"citation\":{\"type\":\"char_location\",\"cited_text\":\"here\",\"document_index\":0,\"start_char_index\":3,\"end_char_index\":7}}}",
            "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"here.\"}}",
            "{\"type\":\"content_block_stop\",\"index\":1}",
            "{\"type\": \"ping\"}",
            "{\"type\":\"content_block_start\",\"index\":2,\"content_block\":{\"type\":\"tool_use\",\"id\":\"toolu_01C\",\"name\":\"Read\",\"input\":{}}}",
            "{\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"\"}}",
            "{\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"path\\\":\\\"/a\\\",\\\"limit\\\":1.1\"}}",
            "{\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"0,\\\"deep\\\":{\\\"n\\\":[1,2]}}\"}}",
            "{\"type\":\"content_block_stop\",\"index\":2}",
            "{\"type\":\"content_block_start\",\"index\":3,\"content_block\":{\"type\":\"tool_use\",\"id\":\"toolu_01D\",\"name\":\"Shot\",\"input\":{}}}",
            "{\"type\":\"content_block_stop\",\"index\":3}",
            "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":77,\"output_tokens_details\":{\"thinking_tokens\":20}}}",
            "{\"type\":\"message_stop\"}");

    private MessagesSamples() {}

    static String events(String... data) {
        StringBuilder all = new StringBuilder();
        for (String json : data) {
            JsonNode event = Objects.requireNonNull(Json.parse(json.getBytes(StandardCharsets.UTF_8)));
            all.append("event: ")
                    .append(event.path("type").asText())
                    .append("\ndata: ")
                    .append(json)
                    .append("\n\n");
        }
        return all.toString();
    }

    static String request(String model) {
        return REQUEST.replace("MODEL", model);
    }

    static String streaming(String request) {
        return request.substring(0, request.length() - 1) + ",\"stream\":true}";
    }
}
