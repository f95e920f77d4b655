package io.bactrian.demo;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The simulated providers, with their paths, protocols and models. */
enum DemoProvider {
    ANTHROPIC("anthropic", "/anthropic/v1", "/messages", "claude-sonnet-5-5"),
    OPENAI("openai", "/openai/v1", "/chat/completions", "gpt-6.1-terra"),
    GROQ("groq", "/groq/openai/v1", "/chat/completions", "openai/gpt-oss-120b");

    private final String name;
    private final String base;
    private final String answers;
    private final String model;

    DemoProvider(String name, String base, String answers, String model) {
        this.name = name;
        this.base = base;
        this.answers = answers;
        this.model = model;
    }

    static DemoProvider named(String name) {
        return Arrays.stream(values())
                .filter(p -> p.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no simulated provider '" + name + "'; there are "
                        + Arrays.stream(values()).map(DemoProvider::toString).collect(Collectors.joining(", "))));
    }

    /** The provider that serves this path; empty if none does. */
    static Optional<DemoProvider> at(String path) {
        return Arrays.stream(values())
                .filter(p -> path.startsWith(p.base + "/"))
                .findFirst();
    }

    String base() {
        return base;
    }

    String answersPath() {
        return base + answers;
    }

    String modelsPath() {
        return base + "/models";
    }

    /** The only model that {@code /models} lists; requests may name any other. */
    String model() {
        return model;
    }

    /** Whether a path is that of legacy completions, which only OpenAI's protocol has. */
    boolean completes(String path) {
        return this != ANTHROPIC && path.equals(base + "/completions");
    }

    /** Whether a path is that of embeddings, which only OpenAI's protocol has. */
    boolean embeds(String path) {
        return this != ANTHROPIC && path.equals(base + "/embeddings");
    }

    /** The protocol of a path. */
    SimulatedProtocol protocol(String path) {
        if (this == ANTHROPIC) {
            return new SimulatedAnthropic();
        }
        SimulatedOpenAi chat = new SimulatedOpenAi(this == GROQ);
        return completes(path) ? new SimulatedCompletions(chat) : chat;
    }

    @Override
    public String toString() {
        return name;
    }
}
