package io.bactrian.provider.failure;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.Json;
import io.bactrian.testing.VirtualClock;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TooLongTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "The model's context length is only 1024 tokens",
                "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
                "You passed 5000 input tokens and requested 100 output tokens. However, the model's context length is"
                        + " only 4096 tokens",
                "prompt is too long: 210000 tokens > 200000 maximum",
                "Requested 5000 tokens (4000 in the messages, 1000 in the completion), maximum 4096",
                "However, you requested 5000 tokens. The maximum is 4096.",
                "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs`"
                        + " tokens and 20 `max_new_tokens`",
                "Input validation error: `inputs` must have less than 1024 tokens. Given: 5432",
                "Please reduce the length of the messages or completion.",
                "Please reduce the length of the messages or completion. Current length is 9000 while limit is 8192",
                "Your input exceeds the context window of this model. Please adjust your input and try again.",
                "Input length 9000 exceeds the limit of 8192",
                "The input length exceeds the maximum",
                "too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 4500",
                "too many tokens in the request",
                "tokens exceed the limit of the model",
                "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
                "Input is too long for requested model.",
                "input (5000 tokens) is larger than the max context size (4096 tokens). skipping",
                "the request exceeds the available context size. try increasing the context size or enable context"
                        + " shift",
                "n_ctx is 4096, the prompt has 9001 tokens",
                "The decoder prompt (length 5000) is longer than the maximum model length of 4096.",
                "The input (5000 tokens) is longer than the model's context length (4096 tokens).",
                "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context"
                        + " length",
                "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
                "Range of input length should be [1, 30720]",
                "Invalid request: Your request exceeded model token limit: 8192",
                "prompt token count of 128503 exceeds the limit of 128000",
                "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length or"
                        + " `max_tokens` and try again",
                "The prompt exceeds the max length of the model",
                "context window exceeds limit (2013)",
                "max_tokens must be at least 1, got -186.",
                "'max_tokens' is too large: 5000. This model's maximum context length is 4096 tokens and your request"
                        + " has 10 input tokens",
                "The conversation is too long. Start a new one.",
                "Trying to keep the first 5000 tokens when context overflows. However, the model is loaded with"
                        + " context length of only 4096 tokens",
                "Requested token count exceeds the model's maximum context length of 32768 tokens.",
                "Try using a shorter prompt",
                "total message size 1000 exceeds limit 400",
                "Message size 4194305 bytes is larger than 4194304",
                "The total size of your messages exceeds the limit",
                "The message you submitted was too long, please reload the conversation and submit something shorter.",
                "Your message is too long",
                "The number of input tokens is greater than 4096",
            })
    void a_prompt_that_does_not_fit_is_recognized_by_the_form_of_the_words(String words) {
        assertThat(TooLong.isMeantBy(words.toLowerCase(Locale.ROOT))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Rate limit reached on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000 tokens.",
                "You exceeded the number of tokens per minute. Please reduce the length of the messages.",
                "Limit of 500000 tokens per day exceeded",
                "max_tokens is too large: 99999. This model supports at most 16384 completion tokens",
                "max_tokens: 16000 > 8192, which is the maximum allowed number of output tokens for claude-example",
                "`max_tokens` must be less than or equal to `32768`, the maximum value for `max_tokens` is less than"
                        + " the `context_window` for this model",
                "Invalid max_tokens value, the valid range of max_tokens is [1, 8192]",
                "max_completion_tokens exceeds the number of output tokens",
                "Invalid 'messages[2].tool_calls[0].id': string too long. Expected a string with maximum length 40",
                "Invalid 'stop': array too long. Expected an array with maximum length 4",
                "The input image is too large: 8 MB exceeds the limit of 5 MB",
                "messages.0.content.0.image.source.base64: image exceeds 5 MB maximum",
                "Invalid schema for function 'list_all': In context=(), object schema missing properties.",
                "tools.0.name: too long",
                "temperature: must be at most 2",
                "Could not process image",
                "Too many images in the input",
                "context_management: Extra inputs are not permitted",
                "Invalid value: 'input_text'",
                "The token is not valid",
                "Too many tokens, please wait before trying again.",
                "messages[0].name is too long",
                "The message has an image that is too large",
            })
    void other_limits_are_not_the_length_of_the_prompt(String words) {
        assertThat(TooLong.isMeantBy(words.toLowerCase(Locale.ROOT))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Too many tokens, please wait before trying again.",
                "Too many requests, please wait before trying again.",
                "Your request was throttled",
                "Rate limit exceeded",
                "You exceeded 30000 tokens per minute",
            })
    void too_many_calls_are_not_a_long_prompt(String words) {
        assertThat(new Classifier(new VirtualClock())
                        .classify(400, name -> null, Json.bytes(Map.of("error", Map.of("message", words))))
                        .type())
                .isEqualTo(FailureClass.RATE_LIMITED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"context deadline exceeded", "the input stream exceeded its time", "context canceled"})
    void failure_of_a_server_names_no_window(String words) {
        assertThat(TooLong.namesWindow(words)).isFalse();
    }
}
