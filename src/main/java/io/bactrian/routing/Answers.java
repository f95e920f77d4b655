package io.bactrian.routing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.chat.AnswerFlow;
import io.bactrian.chat.Chunk;
import io.bactrian.chat.Conversation;
import io.bactrian.chat.Json;
import io.bactrian.chat.Usage;
import io.bactrian.fallback.Breakers;
import io.bactrian.fallback.CallFailed;
import io.bactrian.fallback.Cooldowns;
import io.bactrian.fallback.Failure;
import io.bactrian.fallback.FailureClass;
import io.bactrian.provider.Attempt;
import io.bactrian.provider.Classifier;
import io.bactrian.provider.Wire;
import io.bactrian.stream.SseEvent;
import io.bactrian.stream.SseReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/** The last steps of a call: understands what the provider answered, and passes the answer on while it comes. Thread-safe. */
public final class Answers {
    private static final int LONGEST_ERROR = 64 << 10;
    private static final int LONGEST_EVENT = 16 << 20;
    private static final int LONGEST_DOCUMENT = 64 << 20;
    /** After the finish reason the rest (usage) is awaited so long. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private static final byte[] DONE = {'[', 'D', 'O', 'N', 'E', ']'};

    private final Classifier classifier;
    private final Breakers breakers;
    private final AdHocBreakers adHoc;
    private final Cooldowns cooldowns;
    private final Observer observer;
    private final Clock clock;

    public Answers(
            Classifier classifier,
            Breakers breakers,
            AdHocBreakers adHoc,
            Cooldowns cooldowns,
            Observer observer,
            Clock clock) {
        this.classifier = classifier;
        this.breakers = breakers;
        this.adHoc = adHoc;
        this.cooldowns = cooldowns;
        this.observer = observer;
        this.clock = clock;
    }

    /** Throws what an answer that is none means. */
    public void classify(Exchange exchange) {
        Attempt attempt = Exchanges.attempt(exchange);
        String type = contentType(attempt);
        boolean page = type.startsWith("text/html");
        if (attempt.status() >= 200 && attempt.status() < 300 && !page) {
            return;
        }
        byte[] body = {};
        try {
            body = body(exchange, attempt).readNBytes(LONGEST_ERROR);
        } catch (IOException e) {
            CallFailed failed = attempt.failed(e);
            if (failed.failure().type() == FailureClass.CANCELLED) {
                throw failed;
            }
        } finally {
            attempt.close(body.length > 0 && body.length < LONGEST_ERROR);
        }
        Failure failure = classifier.classify(attempt.status(), attempt.headers(), body);
        // A provider that says it was cancelled when nobody cancelled has failed like any other.
        throw new CallFailed(
                failure.type() == FailureClass.CANCELLED ? failure.as(FailureClass.SERVER_ERROR) : failure);
    }

    /** Reads the answer to its end, event by event or whole. */
    public void read(Exchange exchange) {
        Attempt attempt = Exchanges.attempt(exchange);
        Conversation conversation = attempt.conversation();
        Wire.Events events = attempt.wire().events(conversation.request(), conversation.asking());
        AnswerFlow flow = new AnswerFlow(
                conversation,
                attempt.stop(),
                clock,
                Classifier::ofFinish,
                !attempt.last(),
                conversation.asking().rescue(),
                attempt.wire().check(conversation.request()));
        boolean readToTheEnd = false;
        boolean whole = false;
        try {
            if (contentType(attempt).startsWith("text/event-stream")) {
                SseReader reader = new SseReader(body(exchange, attempt), LONGEST_EVENT);
                boolean ended = stream(attempt, reader, flow, events);
                whole = true;
                answered(attempt, flow);
                readToTheEnd = ended || drained(reader);
            } else {
                document(attempt, body(exchange, attempt), flow);
                whole = true;
                answered(attempt, flow);
                readToTheEnd = true;
            }
        } catch (IOException e) {
            throw attempt.failed(e);
        } finally {
            if (!whole) {
                conversation.brokeOff(flow.usage(events.counted()), flow.gave());
            }
            // The body is not closed: that would read a stream nobody wants to its end.
            attempt.close(readToTheEnd);
        }
    }

    /** @return whether the stream has ended, and not only its events */
    private boolean stream(Attempt attempt, SseReader reader, AnswerFlow flow, Wire.Events events) {
        IOException cut = null;
        boolean ended = false;
        try {
            ended = events(attempt, reader, flow, events);
        } catch (IOException e) {
            cut = e;
        }
        events.end().forEach(flow::chunk);
        if (cut != null && flow.finish() == null) {
            throw broken(attempt, flow, cut);
        }
        flow.end();
        return ended;
    }

    /** What has come goes on its way before more is waited for. */
    private boolean events(Attempt attempt, SseReader reader, AnswerFlow flow, Wire.Events events) throws IOException {
        SseEvent event = reader.next();
        while (event != null) {
            if (attempt.isOver() && ending(flow, events)) {
                return false;
            }
            attempt.goesOn();
            if (attempt.conversation().hasLeft()) {
                throw new CallFailed(Failure.of(FailureClass.CANCELLED, "the caller left"));
            }
            if (isLast(attempt, flow, events, event.data())) {
                return false;
            }
            event = reader.poll();
            if (event == null) {
                flush(attempt, flow, events);
                event = reader.next();
            }
        }
        return true;
    }

    /** Takes an event, null for a mere sign of life. */
    private boolean isLast(Attempt attempt, AnswerFlow flow, Wire.Events events, byte @Nullable [] data) {
        if (data == null) {
            alive(attempt, flow, events);
            return false;
        }
        if (Arrays.equals(data, DONE)) {
            return true;
        }
        Chunk chunk = events.read(data);
        if (chunk == null) {
            observer.malformed(attempt.stop().target());
            return false;
        }
        understand(attempt, flow, events, chunk);
        return events.ended();
    }

    /** Whether nothing follows: then the connection can be used again. */
    private static boolean drained(SseReader reader) {
        try {
            return reader.atEnd();
        } catch (IOException e) {
            return false;
        }
    }

    private void understand(Attempt attempt, AnswerFlow flow, Wire.Events events, Chunk event) {
        Failure failure = event.isStrange() ? classifier.inEvent(event.tree()) : null;
        if (failure != null) {
            if (flow.finish() != null) {
                return;
            }
            throw new CallFailed(failure);
        }
        boolean before = flow.hasContent();
        events.chunks(event).forEach(flow::chunk);
        if (!before && flow.hasContent()) {
            breakers.contentFlows(attempt.stop().target());
        }
        if (ending(flow, events)) {
            attempt.expectEnd(GRACE, 0);
        } else if (flow.hasContent() || events.sign() == Wire.Sign.THINKING) {
            attempt.expect(attempt.stop().limits().idleTimeout(), "next event");
        } else if (events.sign() == Wire.Sign.ALIVE) {
            alive(attempt, flow, events);
        }
    }

    private static boolean ending(AnswerFlow flow, Wire.Events events) {
        return flow.finish() != null || events.sign() == Wire.Sign.ENDING;
    }

    private static void alive(Attempt attempt, AnswerFlow flow, Wire.Events events) {
        if (flow.hasContent() && !ending(flow, events)) {
            attempt.expect(attempt.stop().limits().idleTimeout(), "next event");
        }
    }

    /** While a slow caller takes its time the provider is not to blame. */
    private void flush(Attempt attempt, AnswerFlow flow, Wire.Events events) {
        if (!flow.hasContent()) {
            attempt.conversation().reply().flush();
            return;
        }
        long from = clock.millis();
        attempt.expect(null, "time left to write to the caller");
        attempt.conversation().reply().flush();
        if (ending(flow, events)) {
            attempt.expectEnd(GRACE, clock.millis() - from);
            return;
        }
        if (clock.millis() >= attempt.conversation().plan().deadlineAt()) {
            throw new CallFailed(
                    Failure.of(FailureClass.TIMEOUT, attempt.status(), "the caller read too slowly"), false, false);
        }
        attempt.expect(attempt.stop().limits().idleTimeout(), "next event");
    }

    private void document(Attempt attempt, InputStream in, AnswerFlow flow) throws IOException {
        byte[] bytes = in.readNBytes(LONGEST_DOCUMENT);
        JsonNode node = Json.parse(bytes);
        if (node == null) {
            throw new CallFailed(classifier.classify(attempt.status(), attempt.headers(), bytes));
        }
        Failure failure = classifier.inEvent(node);
        if (failure != null) {
            throw new CallFailed(failure);
        }
        ObjectNode document = node instanceof ObjectNode answer
                ? attempt.wire()
                        .document(
                                answer,
                                attempt.conversation().request(),
                                attempt.conversation().asking())
                : null;
        if (document == null) {
            throw new CallFailed(Failure.of(
                    FailureClass.INVALID_RESPONSE, attempt.status(), "the answer is not in the provider's protocol"));
        }
        if (attempt.wire().asksModel()) {
            breakers.contentFlows(attempt.stop().target());
        }
        flow.document(document == node ? bytes : Json.bytes(document), document);
        flow.end();
    }

    private static CallFailed broken(Attempt attempt, AnswerFlow flow, IOException e) {
        CallFailed failed = attempt.failed(e);
        FailureClass type = failed.failure().type();
        boolean cut = type == FailureClass.NETWORK || type == FailureClass.INVALID_RESPONSE;
        return cut && flow.hasContent()
                ? new CallFailed(Failure.of(
                        FailureClass.STREAM_BROKEN,
                        attempt.status(),
                        "the stream broke: " + failed.failure().reason()))
                : failed;
    }

    private void answered(Attempt attempt, AnswerFlow flow) {
        Conversation conversation = attempt.conversation();
        long took = clock.millis() - attempt.startedAt();
        String outcome = flow.refused() ? FailureClass.CONTENT_POLICY.name() : "OK";
        Usage usage = flow.usage(null);
        conversation.trail().answered(attempt.stop().target().name(), outcome, attempt.status(), took, usage);
        conversation.used(usage);
        if (attempt.wire().asksModel()) {
            cooldowns.well(attempt.stop().target(), attempt.key().number(), attempt.startedAt());
            adHoc.answered(attempt.stop(), took);
            observer.answered(attempt.stop().target(), took);
        }
        conversation.reply().complete();
    }

    private static String contentType(Attempt attempt) {
        String type = attempt.headers().apply("content-type");
        return type == null ? "" : type.toLowerCase(Locale.ROOT);
    }

    /** The bytes of the answer; some servers compress although nobody asked for it. */
    private static InputStream body(Exchange exchange, Attempt attempt) throws IOException {
        @Nullable Object body = exchange.getMessage().getBody();
        if (!(body instanceof InputStream in)) {
            return new ByteArrayInputStream(new byte[0]);
        }
        String encoding = attempt.headers().apply("content-encoding");
        return encoding != null && encoding.toLowerCase(Locale.ROOT).endsWith("gzip") ? new GZIPInputStream(in) : in;
    }
}
