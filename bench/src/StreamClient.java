import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Reads many streams of {@link StreamStub} at once, directly or through a gateway: arguments
 * {@code port protocol streams events interval-ms ramp-ms}, the protocol being {@code chat} or {@code messages}. Half as
 * many streams for four seconds come first, so that this program is warm, and are not counted. Prints {@code open} when
 * the last stream has begun (or has failed), and one line of JSON at the end.
 *
 * <p>A stream is whole when it had status 200, every event once and in order, the last line of its {@link Protocol}, and
 * a regular end. The plateau lasts from the first content of the last stream to the end of the first; latencies are those
 * of the events read in it (of all events where there is no plateau).
 */
public final class StreamClient extends AbstractVerticle {
    private static final int LOOPS = 2;
    private static final int WARM_UP_MILLIS = 4_000;

    private final int first;
    private final int port;
    private final Protocol protocol;
    private final Reader[] readers;
    private final Buffer body;
    private final int rampMillis;

    private StreamClient(int first, int port, Protocol protocol, Reader[] readers, Buffer body, int rampMillis) {
        this.first = first;
        this.port = port;
        this.protocol = protocol;
        this.readers = readers;
        this.body = body;
        this.rampMillis = rampMillis;
    }

    public static void main(String[] args) throws InterruptedException {
        int port = Integer.parseInt(args[0]);
        Protocol protocol = Protocol.valueOf(args[1].toUpperCase(Locale.ROOT));
        int streams = Integer.parseInt(args[2]);
        int events = Integer.parseInt(args[3]);
        int interval = Integer.parseInt(args[4]);
        int ramp = Integer.parseInt(args[5]);
        Vertx vertx = Vertx.vertx();
        Progress warmUp = new Progress(streams / 2 + 1);
        read(vertx, port, protocol, warmUp, WARM_UP_MILLIS / interval, interval, WARM_UP_MILLIS / 4);
        Progress progress = new Progress(streams);
        Thread.startVirtualThread(progress::tell);
        Reader[] readers = read(vertx, port, protocol, progress, events, interval, ramp);
        System.out.println(result(readers, System.currentTimeMillis() * 1_000_000L - System.nanoTime()));
        System.exit(0);
    }

    private static Reader[] read(
            Vertx vertx, int port, Protocol protocol, Progress progress, int events, int interval, int ramp)
            throws InterruptedException {
        Reader[] readers = IntStream.range(0, progress.streams())
                .mapToObj(i -> new Reader(protocol, events, progress))
                .toArray(Reader[]::new);
        Buffer body = Buffer.buffer("{\"model\":\"default\",\"stream\":true,\"max_tokens\":" + events
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"Count, and say when you said it.\"}]}");
        AtomicInteger loop = new AtomicInteger();
        Future<String> deployed = vertx.deployVerticle(
                () -> new StreamClient(loop.getAndIncrement(), port, protocol, readers, body, ramp),
                new DeploymentOptions().setInstances(LOOPS));
        long expected = ramp + (long) events * interval;
        progress.over().await(expected * 2 + 30_000, TimeUnit.MILLISECONDS);
        vertx.undeploy(deployed.result());
        return readers;
    }

    @Override
    public void start() {
        HttpClient client = vertx.createHttpClient(new HttpClientOptions()
                .setDefaultHost("127.0.0.1")
                .setDefaultPort(port)
                .setMaxPoolSize(readers.length)
                .setConnectTimeout(10_000));
        for (int i = first; i < readers.length; i += LOOPS) {
            Reader reader = readers[i];
            vertx.setTimer(1 + (long) i * rampMillis / readers.length, timer -> read(client, reader));
        }
    }

    private void read(HttpClient client, Reader reader) {
        reader.asked = System.nanoTime();
        client.request(HttpMethod.POST, protocol.path())
                .compose(request -> send(request, reader))
                .onFailure(cause -> reader.end(cause.getClass().getSimpleName()));
    }

    private Future<Void> send(HttpClientRequest request, Reader reader) {
        if (protocol == Protocol.MESSAGES) {
            request.putHeader("anthropic-version", "2023-06-01");
        }
        return request.putHeader("Content-Type", "application/json")
                .putHeader("Accept", "text/event-stream")
                .send(body)
                .compose(response -> consume(response, reader));
    }

    private Future<Void> consume(HttpClientResponse response, Reader reader) {
        if (response.statusCode() != 200) {
            reader.end("status " + response.statusCode());
            return Future.succeededFuture();
        }
        response.handler(reader::take);
        return response.end().onSuccess(end -> reader.end(reader.verdict()));
    }

    private static String result(Reader[] readers, long clockOffset) {
        Map<String, Integer> broken = new TreeMap<>();
        int whole = 0;
        long from = Long.MIN_VALUE;
        long to = Long.MAX_VALUE;
        for (Reader reader : readers) {
            String outcome = reader.outcome == null ? "unfinished" : reader.outcome;
            if (outcome.isEmpty()) {
                whole++;
                from = Math.max(from, reader.read[0]);
                to = Math.min(to, reader.read[reader.next - 1]);
            } else {
                broken.merge(outcome, 1, Integer::sum);
            }
        }
        boolean plateau = from < to && from != Long.MIN_VALUE;
        long since = plateau ? from : Long.MIN_VALUE;
        long until = plateau ? to : Long.MAX_VALUE;
        long[] ages = Arrays.stream(readers)
                .flatMapToLong(reader -> IntStream.range(0, reader.next)
                        .filter(i -> reader.read[i] >= since && reader.read[i] <= until)
                        .mapToLong(i -> reader.read[i] - reader.sent[i]))
                .sorted()
                .toArray();
        long[] firsts = Arrays.stream(readers)
                .filter(reader -> reader.next > 0)
                .flatMapToLong(reader -> LongStream.of(reader.read[0] - reader.asked))
                .sorted()
                .toArray();
        StringBuilder json = new StringBuilder("{");
        json.append("\"streams\":").append(readers.length).append(",\"whole\":").append(whole);
        json.append(",\"broken\":{");
        broken.forEach((why, count) -> json.append(json.charAt(json.length() - 1) == '{' ? "" : ",")
                .append('"').append(why.replaceAll("[^A-Za-z0-9 ]", "")).append("\":").append(count));
        json.append("},\"events\":").append(ages.length);
        if (plateau) {
            json.append(",\"plateau_from_ms\":").append((since + clockOffset) / 1_000_000);
            json.append(",\"plateau_to_ms\":").append((until + clockOffset) / 1_000_000);
            json.append(String.format(Locale.ROOT, ",\"events_per_second\":%.0f", ages.length / ((to - from) / 1e9)));
        }
        Quantiles.append(json, "event", ages);
        Quantiles.append(json, "first", firsts);
        return json.append('}').toString();
    }

    /** The progress of the streams: those that have not begun yet, and those that are not over. */
    private record Progress(int streams, CountDownLatch silent, CountDownLatch over) {
        Progress(int streams) {
            this(streams, new CountDownLatch(streams), new CountDownLatch(streams));
        }

        void tell() {
            try {
                silent.await();
                System.out.println("open");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** What one stream said and when; used by its event loop, read by others only after its end. */
    private static final class Reader {
        private final Protocol protocol;
        private final Progress progress;
        private final long[] sent;
        private final long[] read;
        private byte[] rest = new byte[0];
        private long asked;
        private int next;
        private boolean disordered;
        private boolean done;
        private volatile String outcome;

        Reader(Protocol protocol, int events, Progress progress) {
            this.protocol = protocol;
            this.progress = progress;
            sent = new long[events];
            read = new long[events];
        }

        void take(Buffer buffer) {
            long now = System.nanoTime();
            byte[] bytes = rest.length == 0
                    ? buffer.getBytes()
                    : Buffer.buffer(rest).appendBuffer(buffer).getBytes();
            int start = 0;
            for (int i = 0; i < bytes.length; i++) {
                if (bytes[i] == '\n') {
                    line(bytes, start, i, now);
                    start = i + 1;
                }
            }
            rest = Arrays.copyOfRange(bytes, start, bytes.length);
        }

        private void line(byte[] bytes, int from, int to, long now) {
            if (to - from < 6 || bytes[from] != 'd' || bytes[from + 4] != ':') {
                return;
            }
            boolean content = false;
            for (int i = from + 5; i < to; i++) {
                if (bytes[i] == '@') {
                    content = true;
                    event(bytes, i, from, to, now);
                }
            }
            done |= !content && protocol.isLast(bytes, from, to);
        }

        private void event(byte[] bytes, int at, int from, int to, long now) {
            int begin = at;
            while (begin > from && bytes[begin - 1] >= '0' && bytes[begin - 1] <= '9') {
                begin--;
            }
            long number = number(bytes, begin, at);
            int end = at + 1;
            while (end < to && bytes[end] != ';') {
                end++;
            }
            if (number != next || next == sent.length || begin == at || done) {
                disordered = true;
                return;
            }
            sent[next] = number(bytes, at + 1, end);
            read[next] = now;
            if (next == 0) {
                progress.silent().countDown();
            }
            next++;
        }

        private static long number(byte[] bytes, int from, int to) {
            long number = 0;
            for (int i = from; i < to; i++) {
                number = number * 10 + (bytes[i] - '0');
            }
            return number;
        }

        String verdict() {
            if (disordered) {
                return "out of order";
            }
            if (next < sent.length) {
                return "events missing";
            }
            return done ? "" : "no end";
        }

        void end(String why) {
            if (outcome == null) {
                outcome = why;
                if (next == 0) {
                    progress.silent().countDown();
                }
                progress.over().countDown();
            }
        }
    }
}
