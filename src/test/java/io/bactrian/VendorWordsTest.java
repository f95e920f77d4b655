package io.bactrian;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The field names of vendors, which stand in the packages of their protocols alone. Words that every protocol shares here, such
 * as {@code model}, {@code stream}, {@code messages} and {@code content}, are not among them.
 */
final class VendorWordsTest {
    private static final Path SOURCES = Path.of("src/main/java/io/bactrian");

    /** The errors of providers are read in every shape, and the simulated providers are a second opinion. */
    private static final Set<Path> AT_HOME = Set.of(
            Path.of("protocol/openai"),
            Path.of("protocol/anthropic"),
            Path.of("protocol/translation"),
            Path.of("provider/failure"),
            Path.of("demo"));

    /** The names of the GenAI conventions, some of which are those of a vendor. */
    private static final Path CONVENTIONS = Path.of("trace/Names.java");

    private static final List<String> OPENAI = List.of(
            "choices",
            "finish_reason",
            "delta",
            "function_call",
            "functions",
            "tool_calls",
            "tool_call_id",
            "tool_choice",
            "parallel_tool_calls",
            "prompt_tokens",
            "completion_tokens",
            "total_tokens",
            "prompt_tokens_details",
            "completion_tokens_details",
            "cached_tokens",
            "reasoning_tokens",
            "stream_options",
            "include_usage",
            "response_format",
            "json_object",
            "json_schema",
            "max_tokens",
            "max_completion_tokens",
            "reasoning",
            "reasoning_content",
            "reasoning_effort",
            "refusal",
            "content_filter",
            "logprobs",
            "logit_bias",
            "frequency_penalty",
            "presence_penalty",
            "temperature",
            "top_p",
            "image_url",
            "input_audio",
            "file_id",
            "web_search_options",
            "system_fingerprint",
            "service_tier",
            "prompt_cache_key",
            "safety_identifier",
            "x_groq",
            "embedding",
            "text_completion",
            "chat\\.completion",
            "chat\\.completion\\.chunk",
            "chatcmpl-");

    private static final List<String> ANTHROPIC = List.of(
            "stop_reason",
            "stop_sequence",
            "stop_sequences",
            "stop_details",
            "end_turn",
            "message_start",
            "message_delta",
            "message_stop",
            "content_block",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "text_delta",
            "input_json_delta",
            "partial_json",
            "thinking_delta",
            "signature_delta",
            "citations_delta",
            "thinking",
            "redacted_thinking",
            "signature",
            "tool_use",
            "tool_use_id",
            "tool_result",
            "server_tool_use",
            "input_schema",
            "input_tokens",
            "output_tokens",
            "cache_creation_input_tokens",
            "cache_read_input_tokens",
            "cache_control",
            "output_config",
            "output_format",
            "mcp_servers",
            "previous_message_id",
            "disable_parallel_tool_use",
            "request_id",
            "anthropic-version",
            "anthropic-beta",
            "msg_");

    /** A string or a comment; what stands in a comment is free. */
    private static final Pattern TOKEN = Pattern.compile(
            "/\\*.*?\\*/|//[^\\n]*|'(?:\\\\.|[^'\\\\\\n])+'|(?<text>\"\"\".*?\"\"\"|\"(?:\\\\.|[^\"\\\\\\n])*\")",
            Pattern.DOTALL);

    private static final Pattern WORD = Pattern.compile("(?<![A-Za-z0-9_-])("
            + String.join(
                    "|", Stream.concat(OPENAI.stream(), ANTHROPIC.stream()).toList())
            + ")(?![A-Za-z0-9_-])");

    @Test
    void no_field_name_of_a_vendor_stands_outside_of_its_protocol() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java"))
                    .filter(path -> !AT_HOME.contains(parent(path)) && !path.endsWith(CONVENTIONS))
                    .toList()) {
                assertThat(words(file)).as(file.toString()).isEmpty();
            }
        }
    }

    @Test
    void every_word_stands_in_its_protocol() throws IOException {
        StringBuilder texts = new StringBuilder();
        for (Path home : AT_HOME) {
            try (Stream<Path> files = Files.list(SOURCES.resolve(home))) {
                for (Path file : files.toList()) {
                    texts.append(String.join("\n", literals(file))).append('\n');
                }
            }
        }
        assertThat(Stream.concat(OPENAI.stream(), ANTHROPIC.stream()))
                .filteredOn(
                        word -> !Pattern.compile("\\b" + word).matcher(texts).find())
                .isEmpty();
    }

    private static Path parent(Path file) {
        return SOURCES.relativize(file.getParent());
    }

    private static List<String> words(Path file) throws IOException {
        return literals(file).stream()
                .flatMap(text -> WORD.matcher(text)
                        .results()
                        .map(MatchResult::group)
                        .filter(word -> !isEnglish(word) || !text.contains(" ")))
                .toList();
    }

    /** Whether a word has a meaning in a sentence, too. */
    private static boolean isEnglish(String word) {
        return word.chars().allMatch(Character::isLetter);
    }

    private static List<String> literals(Path file) throws IOException {
        return TOKEN.matcher(Files.readString(file))
                .results()
                .map(match -> match.group("text"))
                .filter(text -> text != null)
                .toList();
    }
}
