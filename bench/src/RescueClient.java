import io.vertx.core.AbstractVerticle;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Reads streams whose first provider is cut (see {@link Rescue}): arguments
 * {@code stub-port gateway-port streams at-once events interval-ms}. With 0 for the gateway's port this program asks the
 * first provider itself, and the second when that stream has broken: the least that the machine needs. Twice as many
 * streams as are open at once come first, so that this program is warm, and are not counted. Prints one line of JSON.
 *
 * <p>A stream is whole when it had status 200, each word once and in order, one {@code [DONE]} with nothing behind it,
 * and a regular end. The gaps are those that the stub saw: from its closing of the first socket to the arrival of the
 * second request.
 */
public final class RescueClient extends AbstractVerticle {
    private final int stubPort;
    private final int gatewayPort;
    private final int atOnce;
    private final int events;
    private final int intervalMillis;
    private final String[] outcomes;
    private final CompletableFuture<String> result = new CompletableFuture<>();
    private HttpClient client;
    private int next;
    private int reading;

    private RescueClient(int[] arguments, int streams) {
        this.stubPort = arguments[0];
        this.gatewayPort = arguments[1];
        this.outcomes = new String[streams];
        this.atOnce = arguments[3];
        this.events = arguments[4];
        this.intervalMillis = arguments[5];
    }

    public static void main(String[] args) throws Exception {
        int[] arguments = Arrays.stream(args).mapToInt(Integer::parseInt).toArray();
        Vertx vertx = Vertx.vertx();
        read(vertx, new RescueClient(arguments, 2 * arguments[3]));
        System.out.println(read(vertx, new RescueClient(arguments, arguments[2])));
        System.exit(0);
    }

    private static String read(Vertx vertx, RescueClient client) throws Exception {
        vertx.deployVerticle(client);
        long waves = client.outcomes.length / client.atOnce + 2L;
        try {
            return client.result.get(waves * client.events * client.intervalMillis * 2 + 60_000, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            e.printStackTrace();
            System.exit(1);
            throw e;
        }
    }

    /** The streams begin one after another, spread over the time that one takes, so that the cuts do not come together. */
    @Override
    public void start() {
        client = vertx.createHttpClient(new HttpClientOptions()
                .setDefaultHost("127.0.0.1")
                .setMaxPoolSize(2 * atOnce)
                .setConnectTimeout(10_000));
        reading = Math.min(atOnce, outcomes.length);
        for (int place = 0; place < reading; place++) {
            vertx.setTimer(1 + (long) place * events * intervalMillis / reading, timer -> readOn());
        }
    }

    /** Reads one stream after another until none is left. */
    private void readOn() {
        if (next == outcomes.length) {
            if (--reading == 0) {
                finish();
            }
            return;
        }
        int stream = next++;
        Future<String> outcome = gatewayPort == 0
                ? ask(stubPort, "/first", stream).compose(first -> ask(stubPort, "/second", stream))
                : ask(gatewayPort, "", stream);
        outcome.onComplete(end -> {
            outcomes[stream] = end.succeeded() ? end.result() : end.cause().getClass().getSimpleName();
            readOn();
        });
    }

    /** The outcome of one stream, empty where it was whole. */
    private Future<String> ask(int port, String provider, int stream) {
        Buffer body = Buffer.buffer("{\"model\":\"default\",\"stream\":true,\"max_tokens\":" + events
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"" + Rescue.prompt(stream) + "\"}]}");
        return client.request(HttpMethod.POST, port, "127.0.0.1", provider + Protocol.CHAT.path())
                .compose(request ->
                        request.putHeader("Content-Type", "application/json").send(body))
                .compose(this::outcome);
    }

    private Future<String> outcome(HttpClientResponse response) {
        if (response.statusCode() != 200) {
            return Future.succeededFuture("status " + response.statusCode());
        }
        Buffer said = Buffer.buffer();
        response.handler(said::appendBuffer);
        return response.end()
                .transform(end -> Future.succeededFuture(end.failed() ? "broken" : verdict(said.toString())));
    }

    private String verdict(String said) {
        List<String> lines = said.lines().filter(line -> line.startsWith("data:")).toList();
        StringBuilder text = new StringBuilder();
        int done = 0;
        for (String line : lines) {
            String data = line.substring("data:".length()).strip();
            if (data.equals("[DONE]")) {
                done++;
                continue;
            }
            JsonObject event = new JsonObject(data);
            if (event.containsKey("error")) {
                return "error event";
            }
            if (done > 0) {
                return "more after DONE";
            }
            JsonArray choices = event.getJsonArray("choices", new JsonArray());
            if (!choices.isEmpty()) {
                String piece = choices.getJsonObject(0)
                        .getJsonObject("delta", new JsonObject())
                        .getString("content");
                text.append(piece == null ? "" : piece);
            }
        }
        String expected = IntStream.range(0, events).mapToObj(Rescue::word).collect(Collectors.joining());
        if (!text.toString().equals(expected)) {
            return expected.startsWith(text.toString()) ? "words missing" : "wrong words";
        }
        return done == 1 ? "" : "DONE " + done + " times";
    }

    private void finish() {
        client.request(HttpMethod.GET, stubPort, "127.0.0.1", Rescue.GAPS)
                .compose(request -> request.send())
                .compose(HttpClientResponse::body)
                .onSuccess(body -> result.complete(summary(new JsonArray(body))))
                .onFailure(result::completeExceptionally);
    }

    private String summary(JsonArray found) {
        Map<String, Integer> broken = new TreeMap<>();
        for (String outcome : outcomes) {
            if (!outcome.isEmpty()) {
                broken.merge(outcome, 1, Integer::sum);
            }
        }
        int whole = outcomes.length - broken.values().stream().mapToInt(Integer::intValue).sum();
        long[] gaps = found.stream()
                .mapToLong(gap -> ((Number) gap).longValue())
                .sorted()
                .toArray();
        StringBuilder json = new StringBuilder("{\"streams\":" + outcomes.length + ",\"whole\":" + whole);
        json.append(",\"broken\":").append(new JsonObject(Map.copyOf(broken)).encode());
        json.append(",\"asked_second\":").append(gaps.length);
        Quantiles.append(json, "gap", gaps);
        return json.append('}').toString();
    }
}
