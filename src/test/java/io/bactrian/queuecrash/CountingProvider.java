package io.bactrian.queuecrash;

import io.bactrian.testing.Call;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A provider that answers each request with the request's own mark, and keeps the calls for each mark. Thread-safe. */
final class CountingProvider implements AutoCloseable {
    private static final Pattern MARK = Pattern.compile("<([\\w-]+)>");

    private final StubProvider stub = StubProvider.openai();
    private final Map<String, List<Call>> calls = new ConcurrentHashMap<>();
    private final AtomicInteger count = new AtomicInteger();
    private volatile int leastMillis;
    private volatile int mostMillis;
    private volatile boolean down;

    CountingProvider(int leastMillis, int mostMillis) {
        takes(leastMillis, mostMillis);
        stub.on(this::reply);
    }

    /** How long its answers take from now on, evenly spread, in milliseconds. */
    void takes(int least, int most) {
        leastMillis = least;
        mostMillis = most;
    }

    /** From now on it has only errors, or answers again. */
    void down(boolean now) {
        down = now;
    }

    private Reply reply(Call call) {
        Matcher mark = MARK.matcher(call.text());
        if (!mark.find()) {
            return down ? Reply.status(503, "{}") : Reply.text("ok");
        }
        count.incrementAndGet();
        if (down) {
            return Reply.status(503, "{}");
        }
        calls.computeIfAbsent(mark.group(1), any -> new CopyOnWriteArrayList<>())
                .add(call);
        int millis = ThreadLocalRandom.current().nextInt(leastMillis, mostMillis + 1);
        return Reply.text(answer(mark.group(1))).delayed(Duration.ofMillis(millis));
    }

    /** How a question is marked. */
    static String question(String mark) {
        return "Repeat <" + mark + ">";
    }

    /** The answer to a question. */
    static String answer(String mark) {
        return "It says " + mark + ".";
    }

    /** The properties of a gateway that knows this provider alone. */
    List<String> properties() {
        return List.of(
                "bactrian.providers.p.api=openai",
                "bactrian.providers.p.keyless=true",
                "bactrian.providers.p.base-url=http://127.0.0.1:" + stub.port() + "/v1",
                "bactrian.chains.default=p/m");
    }

    /** All the calls for questions so far, those that got an error included. */
    int count() {
        return count.get();
    }

    /** The calls for a mark that did not get an error at once. */
    List<Call> calls(String mark) {
        return calls.getOrDefault(mark, List.of());
    }

    void forget() {
        calls.clear();
        stub.forget();
    }

    @Override
    public void close() {
        stub.close();
    }
}
