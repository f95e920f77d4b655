package clients;

import org.springframework.ai.anthropic.AnthropicChatModel;
import org.springframework.ai.anthropic.AnthropicChatOptions;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.ai.openai.OpenAiEmbeddingModel;
import org.springframework.ai.openai.OpenAiEmbeddingOptions;

/** The models of Spring AI 2, which stands on the vendors' SDKs, told nothing but a base URL. */
final class Models {
    private Models() {}

    static ChatModel openAi(String gateway, String model) {
        return OpenAiChatModel.builder()
                .options(OpenAiChatOptions.builder()
                        .baseUrl(gateway + "/v1")
                        .apiKey("any")
                        .maxRetries(0)
                        .model(model)
                        .streamUsage(true)
                        .build())
                .build();
    }

    static ChatModel anthropic(String gateway, String model) {
        return AnthropicChatModel.builder()
                .options(AnthropicChatOptions.builder()
                        .baseUrl(gateway)
                        .apiKey("any")
                        .maxRetries(0)
                        .model(model)
                        .maxTokens(1000)
                        .build())
                .build();
    }

    static EmbeddingModel embeddings(String gateway, String model) {
        return OpenAiEmbeddingModel.builder()
                .options(OpenAiEmbeddingOptions.builder()
                        .baseUrl(gateway + "/v1")
                        .apiKey("any")
                        .maxRetries(0)
                        .model(model)
                        .build())
                .build();
    }
}
