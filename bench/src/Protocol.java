import java.nio.charset.StandardCharsets;

/** How a stream looks on the wire, for the provider that writes it and for the caller that reads it. */
enum Protocol {
    /** OpenAI's Chat Completions. */
    CHAT("/v1/chat/completions", "[DONE]") {
        private static final String HEAD =
                "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1767225600,"
                        + "\"model\":\"bench-model\",\"choices\":[{\"index\":0,\"delta\":{";

        @Override
        String start() {
            return HEAD + "\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n";
        }

        @Override
        String event(String text) {
            return HEAD + "\"content\":\"" + text + "\"},\"finish_reason\":null}]}\n\n";
        }

        @Override
        String end(int events) {
            return HEAD + "},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
        }

        @Override
        String document() {
            return "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":1767225600,"
                    + "\"model\":\"bench-model\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
                    + "\"content\":\"ready\"},\"finish_reason\":\"stop\"}],"
                    + "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":1,\"total_tokens\":10}}";
        }
    },

    /** Anthropic Messages. */
    MESSAGES("/v1/messages", "\"message_stop\"") {
        @Override
        String start() {
            return named("message_start", ",\"message\":{\"id\":\"msg_bench\",\"type\":\"message\","
                            + "\"role\":\"assistant\",\"model\":\"bench-model\",\"content\":[],\"stop_reason\":null,"
                            + "\"stop_sequence\":null,\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}")
                    + named("content_block_start", ",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}")
                    + named("ping", "");
        }

        @Override
        String event(String text) {
            return named("content_block_delta",
                    ",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"" + text + "\"}");
        }

        @Override
        String end(int events) {
            return named("content_block_stop", ",\"index\":0")
                    + named("message_delta", ",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},"
                            + "\"usage\":{\"output_tokens\":" + events + "}")
                    + named("message_stop", "");
        }

        @Override
        String document() {
            return "{\"id\":\"msg_bench\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"bench-model\","
                    + "\"content\":[{\"type\":\"text\",\"text\":\"ready\"}],\"stop_reason\":\"end_turn\","
                    + "\"stop_sequence\":null,\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}";
        }

        private static String named(String type, String rest) {
            return "event: " + type + "\ndata: {\"type\":\"" + type + "\"" + rest + "}\n\n";
        }
    };

    private static final int LONGEST_LAST_LINE = 60;

    private final String path;
    private final String last;

    Protocol(String path, String last) {
        this.path = path;
        this.last = last;
    }

    /** Where a caller asks. */
    String path() {
        return path;
    }

    /** What comes before the first content. */
    abstract String start();

    /** One piece of content; the text needs no escapes. */
    abstract String event(String text);

    /** What comes after the last content. */
    abstract String end(int events);

    /** An answer to a request that wants no stream. */
    abstract String document();

    /** Whether a line without content is the one that ends a whole stream. */
    boolean isLast(byte[] bytes, int from, int to) {
        return to - from <= LONGEST_LAST_LINE
                && new String(bytes, from, to - from, StandardCharsets.UTF_8).contains(last);
    }
}
