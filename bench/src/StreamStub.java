import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A provider whose streams are paced: arguments {@code port interval-ms}. It speaks both {@link Protocol}s.
 *
 * <p>Each stream has as many events as its request has {@code max_tokens} (beside those that the request has begun), one every interval. The content of an
 * event is {@code <number>@<nanoseconds>;}, the nanoseconds being the monotonic clock of the machine at the time of
 * writing, so that a reader in another process on the same machine can tell the age of the event. Every event loop
 * wakes each five milliseconds and serves the streams whose turn it is: no timer for each stream.
 *
 * <p>Below {@code /first} and {@code /second} it is the two providers of a {@link Rescue}.
 */
public final class StreamStub extends AbstractVerticle {
    private static final int TICK_MILLIS = 5;
    private static final Pattern STREAM = Pattern.compile("\"stream\"\\s*:\\s*true");
    private static final Pattern EVENTS = Pattern.compile("\"max_(?:completion_)?tokens\"\\s*:\\s*(\\d+)");

    private final int port;
    private final Rescue rescue;
    private final List<List<Paced>> ring = new ArrayList<>();
    private long tick;

    private StreamStub(int port, int intervalMillis, Rescue rescue) {
        this.port = port;
        this.rescue = rescue;
        for (int i = 0; i < Math.max(1, intervalMillis / TICK_MILLIS); i++) {
            ring.add(new ArrayList<>());
        }
    }

    public static void main(String[] args) {
        int port = Integer.parseInt(args[0]);
        int interval = Integer.parseInt(args[1]);
        Rescue rescue = new Rescue();
        Vertx vertx = Vertx.vertx();
        vertx.deployVerticle(() -> new StreamStub(port, interval, rescue), new DeploymentOptions().setInstances(2))
                .onFailure(cause -> {
                    cause.printStackTrace();
                    System.exit(1);
                });
    }

    @Override
    public void start() {
        vertx.createHttpServer(new HttpServerOptions().setAcceptBacklog(4096).setTcpNoDelay(true))
                .requestHandler(this::receive)
                .listen(port, "127.0.0.1");
        vertx.setPeriodic(TICK_MILLIS, timer -> serveTurn());
    }

    private void receive(HttpServerRequest request) {
        long now = System.nanoTime();
        if (request.path().equals(Rescue.GAPS)) {
            request.response().end(rescue.takeGaps());
            return;
        }
        request.bodyHandler(body -> answer(request, body.toString(), now));
    }

    private void answer(HttpServerRequest request, String body, long asked) {
        HttpServerResponse response = request.response();
        Protocol protocol = request.path().endsWith(Protocol.MESSAGES.path()) ? Protocol.MESSAGES : Protocol.CHAT;
        if (!STREAM.matcher(body).find()) {
            response.putHeader("Content-Type", "application/json").end(protocol.document());
            return;
        }
        Matcher limit = EVENTS.matcher(body);
        int events = limit.find() ? Integer.parseInt(limit.group(1)) : 10;
        Script script = rescue.script(request.path(), body, asked);
        Paced paced = new Paced(request, protocol, script.from() + events, script);
        response.exceptionHandler(cause -> paced.over = true);
        response.closeHandler(closed -> paced.over = true);
        response.setChunked(true).putHeader("Content-Type", "text/event-stream").write(protocol.start());
        paced.hurry();
        ring.get((int) (tick % ring.size())).add(paced);
    }

    private void serveTurn() {
        tick++;
        ring.get((int) (tick % ring.size())).removeIf(Paced::writeNext);
    }

    /** One open stream; used by its event loop only. */
    private static final class Paced {
        private final HttpConnection connection;
        private final HttpServerResponse response;
        private final Protocol protocol;
        private final int events;
        private final Script script;
        private int written;
        private boolean over;

        Paced(HttpServerRequest request, Protocol protocol, int events, Script script) {
            this.connection = request.connection();
            this.response = request.response();
            this.protocol = protocol;
            this.events = events;
            this.script = script;
            this.written = script.from();
        }

        /** Writes what comes without waiting for a turn. */
        void hurry() {
            while (written < Math.min(script.atOnce(), events)) {
                writeNext();
            }
        }

        /** Writes the next event, or the end; true when there is nothing more to write. */
        boolean writeNext() {
            if (over) {
                return true;
            }
            if (written == script.cut()) {
                script.cutting();
                connection.close();
                return true;
            }
            if (written >= events) {
                response.end(protocol.end(events));
                return true;
            }
            response.write(protocol.event(script.text(written)));
            written++;
            return false;
        }
    }
}
