package io.bactrian.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The model names that applications have built in, and that nothing in the configuration names: the bare model of a target
 * stands for a chain that has it, the name of any well-known chat model for the default chain. Immutable.
 */
final class BuiltInNames {

    /** The names that SDKs, frameworks and agents send unless they are told otherwise. */
    static final List<String> CHAT_MODELS = List.of(
            "gpt-*",
            "chatgpt-*",
            "codex-*",
            "o1*",
            "o3*",
            "o4*",
            "claude-*",
            "gemini-*",
            "gemma-*",
            "mistral-*",
            "ministral-*",
            "magistral-*",
            "codestral-*",
            "devstral-*",
            "open-mistral-*",
            "open-mixtral-*",
            "deepseek-*",
            "grok-*",
            "llama-*",
            "llama3*",
            "llama4*",
            "qwen*",
            "qwq-*",
            "kimi-*",
            "moonshot-*",
            "glm-*",
            "command-*",
            "sonar*");

    /** Parts of the names of models that do not chat, although their names begin alike. */
    private static final List<String> NO_CHAT =
            List.of("embed", "image", "realtime", "transcribe", "tts", "moderation", "rerank", "ocr");

    private final Map<String, String> bareModels = new HashMap<>();
    private final boolean defaultChain;

    BuiltInNames(Map<String, Chain> chains, Map<String, Target> targets) {
        Chain first = chains.get(Declared.DEFAULT_CHAIN);
        defaultChain = first != null;
        Stream.concat(Stream.ofNullable(first), chains.values().stream()).forEach(chain -> chain.candidates()
                .forEach(entry -> bareModels.putIfAbsent(entry.target().model(), chain.name())));
        targets.values().forEach(target -> bareModels.putIfAbsent(target.model(), target.name()));
    }

    /** The chain or target that a name stands for. */
    Optional<String> meaning(String name) {
        @Nullable String chain = bareModels.get(name);
        return chain == null && defaultChain && isChatModel(name)
                ? Optional.of(Declared.DEFAULT_CHAIN)
                : Optional.ofNullable(chain);
    }

    private static boolean isChatModel(String name) {
        return CHAT_MODELS.stream().anyMatch(pattern -> ModelNames.matches(pattern, name))
                && NO_CHAT.stream().noneMatch(name::contains);
    }
}
