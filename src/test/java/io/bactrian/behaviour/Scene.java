package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Gateway;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A gateway and the stubs behind it, by the names of their providers. Whatever is asked through it is audited: each provider
 * saw exactly the calls that the answer tells of.
 */
final class Scene implements AutoCloseable {
    private static final String TRAIL = ": bactrian attempts ";

    private final Map<String, StubProvider> stubs = new LinkedHashMap<>();
    private final List<String> lines = new ArrayList<>();
    private final AtomicInteger models = new AtomicInteger();
    private @Nullable Gateway gateway;

    static Scene with(String... lines) {
        return new Scene().and(lines);
    }

    /** More configuration; of a key said twice the last word counts. */
    Scene and(String... more) {
        Stream.of(more).flatMap(String::lines).forEach(line -> {
            String key = line.substring(0, line.indexOf('=') + 1);
            lines.removeIf(earlier -> earlier.startsWith(key));
            lines.add(line);
        });
        return this;
    }

    Scene openai(String... names) {
        return add(StubProvider::openai, names);
    }

    Scene anthropic(String... names) {
        return add(StubProvider::anthropic, names);
    }

    private Scene add(java.util.function.Supplier<StubProvider> kind, String... names) {
        for (String name : names) {
            stubs.put(name, kind.get());
        }
        return this;
    }

    /** A first target for every {@link Mode}, and {@code spares} more of each for failures that rest a key. */
    Scene modes(int spares) {
        for (Mode mode : Mode.values()) {
            for (int i = 0; i <= spares; i++) {
                String name = i == 0 ? mode.p() : mode.p() + "-" + i;
                if (!stubs.containsKey(name)) {
                    stubs.put(name, mode.openai() ? StubProvider.openai() : StubProvider.anthropic());
                    if (!mode.upstreamStreams()) {
                        lines.add("bactrian.providers." + name + ".upstream-streaming=off");
                    }
                }
            }
        }
        return this;
    }

    /** A provider at an address without a stub. */
    Scene provider(String name, String baseUrl) {
        lines.add("bactrian.providers." + name + ".base-url=" + baseUrl);
        lines.add("bactrian.providers." + name + ".keyless=true");
        return this;
    }

    Scene start() {
        gateway = Gateway.over(stubs, lines.toArray(String[]::new));
        return this;
    }

    Gateway gateway() {
        return Objects.requireNonNull(gateway);
    }

    StubProvider stub(String name) {
        return Objects.requireNonNull(stubs.get(name), name);
    }

    /** Every stub as it was at the start. */
    void reset() {
        stubs.values().forEach(stub -> {
            stub.answers(Reply.text("Hello from the stub."));
            stub.forget();
        });
    }

    /** A model that nobody has asked for, so that what happened to others does not matter. */
    String freshModel() {
        return "m" + models.incrementAndGet();
    }

    /** A request along these providers, with a model of its own. */
    Ask along(String first, String... others) {
        String model = freshModel();
        Ask ask = Ask.of(first + "/" + model);
        return others.length == 0
                ? ask
                : ask.fallbacks(Arrays.stream(others).map(o -> o + "/" + model).toArray(String[]::new));
    }

    Answer ask(Ask ask) {
        return post("/v1/chat/completions", ask.body(), ask.headers());
    }

    Answer post(String path, String body, String... headers) {
        Map<String, Integer> before = new LinkedHashMap<>();
        stubs.forEach((name, stub) -> before.put(name, stub.calls().size()));
        Answer answer = gateway().post(path, body, headers);
        List<String> told = trail(answer);
        stubs.forEach((name, stub) -> assertThat(
                        told.stream().filter(entry -> provider(entry).equals(name)))
                .as("calls that reached %s, of %s", name, told)
                .hasSize(stub.calls().size() - Objects.requireNonNull(before.get(name))));
        return answer;
    }

    /** The calls that an answer tells of: in a stream its last comment, else the header. */
    static List<String> trail(Answer answer) {
        String label = answer.comments().stream()
                .filter(comment -> comment.startsWith(TRAIL))
                .reduce((first, last) -> last)
                .map(comment -> comment.substring(TRAIL.length()))
                .orElse(answer.attempts());
        return label.isEmpty() ? List.of() : List.of(label.split(", "));
    }

    /** How the calls that an answer tells of ended: {@code p=TIMEOUT, f=OK}, without the models. */
    static String outcomes(Answer answer) {
        return String.join(
                ", ",
                trail(answer).stream()
                        .map(entry -> first(entry) + entry.substring(entry.lastIndexOf('=')))
                        .toList());
    }

    /** The target's name up to the model, if it has one. */
    private static String first(String entry) {
        return entry.split("[/=]", 2)[0];
    }

    private String provider(String entry) {
        String named = "bactrian.targets." + first(entry) + ".provider=";
        return lines.stream()
                .filter(line -> line.startsWith(named))
                .map(line -> line.substring(named.length()))
                .findFirst()
                .orElse(first(entry));
    }

    Stream<StubProvider> stubs() {
        return stubs.values().stream();
    }

    @Override
    public void close() {
        if (gateway != null) {
            gateway.close();
        }
        stubs.values().forEach(StubProvider::close);
    }
}
