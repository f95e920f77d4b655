package clients;

import org.springframework.ai.anthropic.AnthropicChatModel;
import org.springframework.ai.anthropic.AnthropicChatOptions;
import org.springframework.ai.anthropic.api.AnthropicApi;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.document.MetadataMode;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.ai.openai.OpenAiEmbeddingModel;
import org.springframework.ai.openai.OpenAiEmbeddingOptions;
import org.springframework.ai.openai.api.OpenAiApi;
import org.springframework.retry.support.RetryTemplate;

/** The models of Spring AI 1, told nothing but a base URL. */
final class Models {
    private static final RetryTemplate ONCE =
            RetryTemplate.builder().maxAttempts(1).build();

    private Models() {}

    static ChatModel openAi(String gateway, String model) {
        return OpenAiChatModel.builder()
                .openAiApi(openAiApi(gateway))
                .defaultOptions(OpenAiChatOptions.builder()
                        .model(model)
                        .streamUsage(true)
                        .build())
                .retryTemplate(ONCE)
                .build();
    }

    static ChatModel anthropic(String gateway, String model) {
        return AnthropicChatModel.builder()
                .anthropicApi(
                        AnthropicApi.builder().baseUrl(gateway).apiKey("any").build())
                .defaultOptions(AnthropicChatOptions.builder()
                        .model(model)
                        .maxTokens(1000)
                        .build())
                .retryTemplate(ONCE)
                .build();
    }

    static EmbeddingModel embeddings(String gateway, String model) {
        OpenAiEmbeddingOptions options =
                OpenAiEmbeddingOptions.builder().model(model).build();
        return new OpenAiEmbeddingModel(openAiApi(gateway), MetadataMode.NONE, options, ONCE);
    }

    private static OpenAiApi openAiApi(String gateway) {
        return OpenAiApi.builder().baseUrl(gateway).apiKey("any").build();
    }
}
