package io.bactrian.demo;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The providers that are simulated. */
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

    /** The one whose paths this is one of. */
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

    /** The only model in the list; any name is answered. */
    String model() {
        return model;
    }

    SimulatedProtocol dialect() {
        return switch (this) {
            case ANTHROPIC -> new AnthropicDialect();
            case OPENAI -> new OpenAiDialect(false);
            case GROQ -> new OpenAiDialect(true);
        };
    }

    @Override
    public String toString() {
        return name;
    }
}
