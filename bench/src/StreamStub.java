import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A provider whose streams are paced: arguments {@code port interval-ms}.
 *
 * <p>Each stream speaks as many events as its request has {@code max_tokens}, one every interval. The content of an
 * event is {@code <number>@<nanoseconds>;}, the nanoseconds being the monotonic clock of the machine at the time of
 * writing, so that a reader in another process on the same machine can tell the age of the event. Every event loop
 * wakes each five milliseconds and serves the streams whose turn it is: no timer for each stream.
 */
public final class StreamStub extends AbstractVerticle {
    private static final int TICK_MILLIS = 5;
    private static final Pattern STREAM = Pattern.compile("\"stream\"\\s*:\\s*true");
    private static final Pattern EVENTS = Pattern.compile("\"max_(?:completion_)?tokens\"\\s*:\\s*(\\d+)");
    private static final String HEAD =
            "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1767225600,"
                    + "\"model\":\"bench-model\",\"choices\":[{\"index\":0,\"delta\":{";
    private static final String ROLE = HEAD + "\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n";
    private static final String END = HEAD + "},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    private static final String DOCUMENT =
            "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":1767225600,"
                    + "\"model\":\"bench-model\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
                    + "\"content\":\"ready\"},\"finish_reason\":\"stop\"}],"
                    + "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":1,\"total_tokens\":10}}";

    private final int port;
    private final List<List<Paced>> ring = new ArrayList<>();
    private long tick;

    private StreamStub(int port, int intervalMillis) {
        this.port = port;
        for (int i = 0; i < Math.max(1, intervalMillis / TICK_MILLIS); i++) {
            ring.add(new ArrayList<>());
        }
    }

    public static void main(String[] args) {
        int port = Integer.parseInt(args[0]);
        int interval = Integer.parseInt(args[1]);
        Vertx vertx = Vertx.vertx();
        vertx.deployVerticle(() -> new StreamStub(port, interval), new DeploymentOptions().setInstances(2))
                .onFailure(cause -> {
                    cause.printStackTrace();
                    System.exit(1);
                });
    }

    @Override
    public void start() {
        vertx.createHttpServer(new HttpServerOptions().setAcceptBacklog(4096).setTcpNoDelay(true))
                .requestHandler(request -> request.bodyHandler(body -> answer(request, body.toString())))
                .listen(port, "127.0.0.1");
        vertx.setPeriodic(TICK_MILLIS, timer -> serveTurn());
    }

    private void answer(HttpServerRequest request, String body) {
        HttpServerResponse response = request.response();
        if (!STREAM.matcher(body).find()) {
            response.putHeader("Content-Type", "application/json").end(DOCUMENT);
            return;
        }
        Matcher events = EVENTS.matcher(body);
        Paced paced = new Paced(response, events.find() ? Integer.parseInt(events.group(1)) : 10);
        response.exceptionHandler(cause -> paced.over = true);
        response.closeHandler(closed -> paced.over = true);
        response.setChunked(true).putHeader("Content-Type", "text/event-stream").write(ROLE);
        ring.get((int) (tick % ring.size())).add(paced);
    }

    private void serveTurn() {
        tick++;
        ring.get((int) (tick % ring.size())).removeIf(Paced::speak);
    }

    /** One open stream; used by its event loop only. */
    private static final class Paced {
        private final HttpServerResponse response;
        private final int events;
        private int spoken;
        private boolean over;

        Paced(HttpServerResponse response, int events) {
            this.response = response;
            this.events = events;
        }

        /** Writes the next event, or the end; true when there is nothing more to write. */
        boolean speak() {
            if (over) {
                return true;
            }
            if (spoken == events) {
                response.end(END);
                return true;
            }
            Buffer event = Buffer.buffer(256).appendString(HEAD).appendString("\"content\":\"");
            event.appendString(Integer.toString(spoken)).appendString("@");
            event.appendString(Long.toString(System.nanoTime())).appendString(";\"},\"finish_reason\":null}]}\n\n");
            response.write(event);
            spoken++;
            return false;
        }
    }
}
