package io.bactrian.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.trace.Traces;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A scene: one gateway and the stub providers behind it. What is asked through {@link #ask} and {@link #post} is audited: each
 * provider saw exactly the calls that the answer lists.
 *
 * <p>Tests share one through {@link GatewayExtension}. A test about starting, stopping, or another configuration than that of
 * its class has a scene of its own:
 *
 * <pre>{@code
 * try (Scene scene = Scene.with("bactrian.defaults.deadline=1s").openai("p", "f").start()) {
 *     assertThat(scene.ask(Request.of("default")).outcomes()).isEqualTo("p=OK");
 * }
 * }</pre>
 */
public class Scene implements AutoCloseable {
    private static final int POOL = 40;
    private static final Pattern WORD = Pattern.compile("(?<![\\w/.:-])[\\w-]+(?![\\w/:-])");

    private final Map<String, StubProvider> stubs = new LinkedHashMap<>();
    private final List<String> lines = new ArrayList<>();
    private final Map<String, Template> targets = new LinkedHashMap<>();
    private final List<Pooled> chains = new ArrayList<>();
    private final AtomicInteger models = new AtomicInteger();
    private int pool = POOL;
    private int numbers;
    private int number;
    private boolean closed;
    private @Nullable Gateway gateway;
    private Traces traces = new Traces();

    /** A kind of target, of which every number has one of its own. */
    private record Template(String provider, List<String> properties) {}

    /** A kind of chain, of which every number has one of its own. */
    private record Pooled(String steps, List<String> options) {}

    protected Scene() {}

    /** A scene with these lines of configuration; a line may hold several. */
    public static Scene with(String... lines) {
        return new Scene().and(lines);
    }

    /** Adds lines of configuration; of a key that is given twice the last value counts. */
    public Scene and(String... more) {
        Stream.of(more).flatMap(String::lines).forEach(lines::add);
        return this;
    }

    /** Adds stubs that speak Chat Completions. */
    public Scene openai(String... names) {
        return add(StubProvider::openai, names);
    }

    /** Adds stubs that speak Anthropic Messages. */
    public Scene anthropic(String... names) {
        return add(StubProvider::anthropic, names);
    }

    /** Adds stubs that speak this protocol, as {@code bactrian.providers.<p>.api} names it. */
    public Scene speaking(String api, String... names) {
        return add(api.equals("anthropic") ? StubProvider::anthropic : StubProvider::openai, names);
    }

    private Scene add(Supplier<StubProvider> kind, String... names) {
        for (String name : names) {
            stubs.put(name, kind.get());
        }
        return this;
    }

    /** Adds another provider at the address of a stub that is there already. */
    public Scene shared(String stub, String name) {
        stubs.put(name, stub(stub));
        return this;
    }

    /** Adds a first target for every {@link Mode}, and {@code spares} more of each for failures that rest a key. */
    public Scene modes(int spares) {
        for (Mode mode : Mode.values()) {
            for (int i = 0; i <= spares; i++) {
                String name = i == 0 ? mode.p() : mode.p() + "-" + i;
                if (!stubs.containsKey(name)) {
                    speaking(mode.api(), name);
                    if (!mode.upstreamStreams()) {
                        lines.add("bactrian.providers." + name + ".upstream-streaming=off");
                    }
                }
            }
        }
        return this;
    }

    /** Adds a provider at an address without a stub. */
    public Scene provider(String name, String baseUrl) {
        lines.add("bactrian.providers." + name + ".base-url=" + baseUrl);
        lines.add("bactrian.providers." + name + ".keyless=true");
        return this;
    }

    /**
     * Declares a target for {@link #chains}, with properties such as {@code quality=0.5}. Every test has one of its own, with a
     * model of the same name; in a property {@code #} stands for the number of the test.
     */
    public Scene targets(String name, String provider, String... properties) {
        targets.put(name, new Template(provider, List.of(properties)));
        return this;
    }

    /**
     * Declares a chain that {@link #chain} hands out. In its steps the name of a stub stands for a model of it, for example
     * {@code race(a, b), c}; options are those of {@code bactrian.chains-options.<c>}, for example {@code patience=1s}.
     */
    public Scene chains(String steps, String... options) {
        chains.add(new Pooled(steps, List.of(options)));
        return this;
    }

    /** Sets how many tests may ask for a chain; 40 unless set. */
    public Scene pool(int tests) {
        pool = tests;
        return this;
    }

    /** Sends the traces of the gateway there. */
    public Scene traced(Spans to) {
        traces = to.traces();
        return this;
    }

    /** Starts the gateway; a scene that was closed gets new stubs, because a class whose test failed may run again. */
    public Scene start() {
        if (closed) {
            closed = false;
            numbers = 0;
            Map<StubProvider, StubProvider> fresh = new IdentityHashMap<>();
            stubs.replaceAll((name, stub) -> fresh.computeIfAbsent(
                    stub, old -> old.api().equals("anthropic") ? StubProvider.anthropic() : StubProvider.openai()));
        }
        Map<String, String> all = new LinkedHashMap<>();
        List<String> standard = new ArrayList<>();
        stubs.forEach((name, stub) -> {
            all.put("bactrian.providers." + name + ".api", stub.api());
            all.put("bactrian.providers." + name + ".base-url", stub.baseUrl());
            all.put("bactrian.providers." + name + ".keyless", "true");
            standard.add(name + "/model-" + name);
        });
        if (!standard.isEmpty()) {
            all.put("bactrian.chains.default", String.join(", ", standard));
        }
        for (int n = 1; !chains.isEmpty() && n <= pool; n++) {
            numbered(n).forEach(line -> put(all, line));
        }
        lines.forEach(line -> put(all, line));
        gateway = Gateway.start(
                traces,
                all.entrySet().stream()
                        .map(e -> e.getKey() + "=" + e.getValue())
                        .toArray(String[]::new));
        return this;
    }

    private static void put(Map<String, String> all, String line) {
        int end = line.indexOf('=');
        all.put(line.substring(0, end), line.substring(end + 1));
    }

    /** The targets and chains of one number. */
    private List<String> numbered(int n) {
        List<String> numbered = new ArrayList<>();
        targets.forEach((name, template) -> {
            String target = "bactrian.targets." + name + "-" + n;
            numbered.add(target + ".provider=" + template.provider());
            numbered.add(target + ".model=" + name + "-" + n);
            template.properties().forEach(property -> numbered.add(target + "." + property.replace("#", "" + n)));
        });
        for (Pooled kind : chains) {
            String chain = nameOf(kind, n);
            numbered.add("bactrian.chains." + chain + "="
                    + WORD.matcher(kind.steps()).replaceAll(word -> Matcher.quoteReplacement(step(word.group(), n))));
            kind.options().forEach(option -> numbered.add("bactrian.chains-options." + chain + "." + option));
        }
        return numbered;
    }

    private String step(String word, int n) {
        if (targets.containsKey(word)) {
            return word + "-" + n;
        }
        return stubs.containsKey(word) ? word + "/m" + n : word;
    }

    private String nameOf(Pooled kind, int n) {
        return "chain-" + chains.indexOf(kind) + "-" + n;
    }

    /** Another test begins: its chains, targets and models are new ones. */
    void beginTest() {
        number = 0;
        reset();
    }

    private int number() {
        if (number == 0) {
            number = ++numbers;
        }
        return number;
    }

    /**
     * A chain of this kind, declared with {@link #chains}, that no other test uses; within a test it is the same each time.
     * Its models and targets are as new, so that breakers, cooldowns and latencies of other tests do not matter, and are shared
     * with the other chains of this test.
     */
    public String chain(String steps, String... options) {
        Pooled kind = new Pooled(steps, List.of(options));
        assertThat(chains).as("declare it with chains(...)").contains(kind);
        assertThat(number())
                .as("tests that ask for a chain; there are more with pool(n)")
                .isLessThanOrEqualTo(pool);
        return nameOf(kind, number());
    }

    /** The model behind the chains of this test, at every provider. */
    public String model() {
        return "m" + number();
    }

    /** The target of this kind, declared with {@link #targets}, behind the chains of this test. */
    public String target(String name) {
        assertThat(targets).as("declare it with targets(...)").containsKey(name);
        return name + "-" + number();
    }

    /** A model that was never asked for. */
    public String freshModel() {
        return "fresh-" + models.incrementAndGet();
    }

    /** A request along these providers, with a model that was never asked for. */
    public Request along(String first, String... others) {
        String model = freshModel();
        Request request = Request.of(first + "/" + model);
        return others.length == 0
                ? request
                : request.fallbacks(
                        Arrays.stream(others).map(o -> o + "/" + model).toArray(String[]::new));
    }

    /** The gateway itself, whose answers are not audited. */
    public Gateway gateway() {
        return Objects.requireNonNull(gateway, "not started");
    }

    public int port() {
        return gateway().port();
    }

    public URI uri(String path) {
        return gateway().uri(path);
    }

    public StubProvider stub(String name) {
        return Objects.requireNonNull(stubs.get(name), name);
    }

    public Stream<StubProvider> stubs() {
        return stubs.values().stream().distinct();
    }

    /** Makes every stub answer as at the start, and forget its calls. */
    public void reset() {
        stubs().forEach(stub -> {
            stub.answers(Reply.text("Hello from the stub."));
            stub.forget();
        });
    }

    public Gateway.Answer ask(Request request) {
        return post(request.path(), request.body(), request.headers());
    }

    /** Asks as this caller; the fields, a JSON object, are added to the request or replace what is there. */
    public Gateway.Answer ask(Caller caller, String model, boolean stream, String fields, String... headers) {
        return post(caller.path(), caller.body(model, stream, fields), headers);
    }

    public Gateway.Answer post(String path, String body, String... headers) {
        return audited(() -> List.of(gateway().post(path, body, headers))).getFirst();
    }

    /** Asks with so many requests at the same time; the answers in the order of the requests, audited all together. */
    public List<Gateway.Answer> askAtOnce(int requests, IntFunction<Request> request) {
        return audited(() -> ConcurrentCallers.run(IntStream.range(0, requests)
                .<Callable<Gateway.Answer>>mapToObj(i -> () -> gateway().ask(request.apply(i)))
                .toList()));
    }

    /** Asks while the test goes on; not audited. */
    public CompletableFuture<Gateway.Answer> askInBackground(Request request) {
        return CompletableFuture.supplyAsync(() -> gateway().ask(request), Thread::startVirtualThread);
    }

    /** Asks on a bare socket and reads nothing yet; not audited. */
    public RawCaller raw(Request request) {
        return RawCaller.ask(gateway(), request);
    }

    private List<Gateway.Answer> audited(Supplier<List<Gateway.Answer>> asking) {
        Map<StubProvider, Integer> before = new IdentityHashMap<>();
        stubs().forEach(stub -> before.put(stub, stub.calls().size()));
        List<Gateway.Answer> answers = asking.get();
        List<String> trail =
                answers.stream().flatMap(answer -> answer.trail().stream()).toList();
        stubs().forEach(stub -> assertThat(trail.stream().filter(entry -> stubs.get(provider(entry)) == stub))
                .as("calls that reached %s, of %s", names(stub), trail)
                .hasSize(stub.calls().size() - Objects.requireNonNull(before.get(stub))));
        return answers;
    }

    private List<String> names(StubProvider stub) {
        return stubs.keySet().stream().filter(name -> stubs.get(name) == stub).toList();
    }

    /** The provider of an entry of a trail, which names a target or a provider and its model. */
    private String provider(String entry) {
        String name = entry.split("[/=]", 2)[0];
        Template template = targets.get(name.replaceFirst("-\\d+$", ""));
        if (template != null) {
            return template.provider();
        }
        String key = "bactrian.targets." + name + ".provider=";
        return lines.stream()
                .filter(line -> line.startsWith(key))
                .map(line -> line.substring(key.length()))
                .reduce((first, last) -> last)
                .orElse(name);
    }

    public Gateway.Answer get(String path, String... headers) {
        return gateway().get(path, headers);
    }

    public JsonNode status() {
        return get("/status").json();
    }

    /** What the status says of a target. */
    public JsonNode status(String target) {
        return status().path("targets")
                .valueStream()
                .filter(each -> each.path("name").asText().equals(target))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no target " + target + " in the status"));
    }

    /** How many requests are in flight. */
    public int inFlight() {
        return status().at("/requests/inFlight").asInt();
    }

    @Override
    public void close() {
        if (gateway != null) {
            gateway.close();
        }
        stubs().forEach(StubProvider::close);
        closed = true;
    }
}
