package io.bactrian.routing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.health.RemainingQuota;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.AnswerDocument;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.ProviderProtocol;
import io.bactrian.protocol.Usage;
import io.bactrian.provider.AnswerMemory;
import io.bactrian.provider.Attempt;
import io.bactrian.provider.failure.Classifier;
import io.bactrian.provider.failure.QuotaHeaders;
import io.bactrian.request.AnswerFlow;
import io.bactrian.request.RequestContext;
import io.bactrian.stream.BodyForm;
import io.bactrian.stream.SseReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/** The last steps of a call: classify the provider's response, and pass its answer on while reading it. Thread-safe. */
public final class AnswerSteps {
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int MAX_ERROR_BYTES = 64 << 10;
    private static final int MAX_EVENT_BYTES = 16 << 20;
    /** The most bytes of a document. */
    public static final int MAX_DOCUMENT_BYTES = 64 << 20;

    /** The bytes of a document that are read at once; most have fewer. */
    private static final int FIRST_BYTES = 256 << 10;
    /** The bytes of the pieces in which a large document is read: with its head, an array fills one region of a small heap. */
    private static final int PIECE_BYTES = (1 << 20) - 64;
    /** The words in the labels of bodies with one object of JSON on each line. */
    private static final List<String> LINES = List.of("ndjson", "jsonl", "jsonlines", "stream+json");

    private final Classifier classifier;
    private final AnswerMemory memory;
    private final Clock clock;

    public AnswerSteps(Classifier classifier, AnswerMemory memory, Clock clock) {
        this.classifier = classifier;
        this.memory = memory;
        this.clock = clock;
    }

    /**
     * Checks the status of the response.
     *
     * @throws CallFailed if it is not an answer
     */
    public void classify(Exchange exchange) {
        Attempt attempt = ExchangeProperties.attempt(exchange);
        noteQuotas(attempt);
        if (attempt.status() >= 200 && attempt.status() < 300) {
            return;
        }
        byte[] body = {};
        try {
            body = body(exchange, attempt).readNBytes(MAX_ERROR_BYTES);
        } catch (IOException e) {
            CallFailed failed = attempt.failed(e);
            if (failed.failure().type() == FailureClass.CANCELLED) {
                throw failed;
            }
        } finally {
            attempt.close(body.length > 0 && body.length < MAX_ERROR_BYTES);
        }
        Failure failure = classifier.classify(attempt.status(), attempt.headers(), body);
        // A provider's own 499 is a failure like any other: the call was not cancelled here.
        throw attempt.failed(new CallFailed(
                failure.type() == FailureClass.CANCELLED ? failure.as(FailureClass.SERVER_ERROR) : failure));
    }

    /** Notes the remaining quotas of the key. A 429 has a wait of its own, which the classifier reads. */
    private void noteQuotas(Attempt attempt) {
        if (attempt.status() != TOO_MANY_REQUESTS && attempt.protocol().asksModel()) {
            List<RemainingQuota> left = QuotaHeaders.read(attempt.headers(), clock);
            if (left != null) {
                attempt.tracked().remaining(left);
            }
        }
    }

    /**
     * Reads the answer to its end, event by event or as a document, and passes it on to the reply.
     *
     * @throws CallFailed if it is an error, breaks off or is invalid
     */
    public void read(Exchange exchange) {
        Attempt attempt = ExchangeProperties.attempt(exchange);
        RequestContext context = attempt.context();
        ProviderProtocol.Events events = attempt.protocol()
                .events(context.request(), context.currentCall().options());
        AnswerMemory.Share room = memory.share(attempt.tracked().learner());
        AnswerFlow flow = new AnswerFlow(
                context,
                attempt.candidate(),
                clock,
                Classifier::ofFinish,
                !attempt.last(),
                context.currentCall().options().rescue(),
                attempt.protocol().check(context.request()),
                room);
        boolean readToTheEnd = false;
        boolean whole = false;
        try {
            SseReader reader = new SseReader(body(exchange, attempt), MAX_EVENT_BYTES, room);
            if (isStream(reader.form(), contentType(attempt))) {
                boolean ended = new StreamReader(attempt, reader, flow, events, classifier, room, clock).readToEnd();
                answered(attempt, flow);
                whole = true;
                readToTheEnd = ended || drained(reader);
            } else {
                byte[] bytes = whole(reader.rest(), room);
                if (hasSeveralObjects(bytes)) {
                    SseReader lines = new SseReader(new ByteArrayInputStream(bytes), MAX_EVENT_BYTES, room);
                    new StreamReader(attempt, lines, flow, events, classifier, room, clock).readToEnd();
                } else {
                    document(attempt, bytes, flow);
                }
                answered(attempt, flow);
                whole = true;
                readToTheEnd = true;
            }
        } catch (IOException e) {
            throw attempt.failed(e);
        } catch (CallFailed e) {
            throw attempt.shown(e);
        } finally {
            if (!whole) {
                room.close();
                context.noteUsage(flow.usage(events.counted()), flow.delivered());
            } else if (!room.isEmpty()) {
                // Another call of the request, or its caller, may have the answer until then.
                ExchangeEnd.then(exchange, done -> room.close());
            }
            // The body is not closed, because that would read the rest of an unwanted stream.
            attempt.close(readToTheEnd);
        }
    }

    /**
     * The bytes of a document.
     *
     * @throws CallFailed if it is larger than any answer may be, or all large answers together are
     */
    private static byte[] whole(InputStream rest, AnswerMemory.Share room) throws IOException {
        byte[] first = rest.readNBytes(FIRST_BYTES);
        if (first.length < FIRST_BYTES) {
            return first;
        }
        List<ByteBuffer> pieces = new ArrayList<>();
        int length = 0;
        for (ByteBuffer piece = ByteBuffer.wrap(first); piece.hasRemaining(); piece = piece(rest)) {
            if (length + piece.remaining() > MAX_DOCUMENT_BYTES) {
                if (isBlank(piece)) {
                    // The document may be whole, and only its connection without an end.
                    break;
                }
                throw new CallFailed(Failure.tooLong("the answer has more than 64 MB"));
            }
            length += piece.remaining();
            room.accept(2L * piece.remaining());
            pieces.add(piece);
        }
        ByteBuffer all = ByteBuffer.allocate(length);
        pieces.forEach(all::put);
        return all.array();
    }

    /** The next piece of a document, empty at its end. */
    private static ByteBuffer piece(InputStream rest) throws IOException {
        byte[] bytes = new byte[PIECE_BYTES];
        return ByteBuffer.wrap(bytes, 0, rest.readNBytes(bytes, 0, PIECE_BYTES));
    }

    private static boolean isBlank(ByteBuffer piece) {
        for (int at = piece.position(); at < piece.limit(); at++) {
            byte b = piece.get(at);
            if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
                return false;
            }
        }
        return true;
    }

    /** Whether a body is a stream. The first bytes tell it better than the label; lines of JSON need both. */
    private static boolean isStream(BodyForm form, String type) {
        return switch (form) {
            case EVENTS -> true;
            case JSON -> LINES.stream().anyMatch(type::contains);
            case OTHER -> type.startsWith("text/event-stream");
        };
    }

    /** Whether one object of JSON follows another on a new line, as in a stream of lines that is labelled as a document. */
    private static boolean hasSeveralObjects(byte[] bytes) {
        boolean afterObject = false;
        boolean newLine = false;
        for (byte b : bytes) {
            if (b == '{' && newLine) {
                return true;
            }
            boolean white = b <= ' ' && b >= 0;
            afterObject = b == '}' || (afterObject && white);
            newLine = afterObject && (newLine || b == '\n');
        }
        return false;
    }

    /** True if nothing follows, so that the connection can be reused. */
    private static boolean drained(SseReader reader) {
        try {
            return reader.atEnd();
        } catch (IOException e) {
            return false;
        }
    }

    private void document(Attempt attempt, byte[] bytes, AnswerFlow flow) {
        attempt.context().currentCall().trace().received(bytes);
        AnswerDocument scanned =
                attempt.protocol().scan(bytes, attempt.context().request());
        if (scanned != null) {
            answer(attempt, scanned, flow);
            return;
        }
        JsonNode node = Json.answer(bytes);
        if (node == null) {
            throw new CallFailed(classifier.classify(attempt.status(), attempt.headers(), bytes));
        }
        Failure failure = classifier.inEvent(node);
        if (failure != null) {
            throw new CallFailed(failure);
        }
        AnswerDocument document = node instanceof ObjectNode answer
                ? attempt.protocol()
                        .document(
                                answer,
                                bytes,
                                attempt.context().request(),
                                attempt.context().currentCall().options())
                : null;
        if (document == null) {
            throw new CallFailed(Failure.of(
                    FailureClass.INVALID_RESPONSE, attempt.status(), "the answer is not in the provider's protocol"));
        }
        answer(attempt, document, flow);
    }

    private static void answer(Attempt attempt, AnswerDocument document, AnswerFlow flow) {
        attempt.firstContent();
        flow.document(document);
        flow.end();
    }

    private void answered(Attempt attempt, AnswerFlow flow) {
        RequestContext context = attempt.context();
        long took = clock.millis() - attempt.startedAt();
        String outcome = flow.refused() ? FailureClass.CONTENT_POLICY.name() : "OK";
        Usage usage = flow.usage(null);
        context.reply().claim();
        context.succeeded(outcome, attempt.status(), took, usage);
        attempt.tracked().succeeded(took);
        context.complete();
    }

    private static String contentType(Attempt attempt) {
        String type = attempt.headers().apply("content-type");
        return type == null ? "" : type.toLowerCase(Locale.ROOT);
    }

    /** The bytes of the answer; some servers compress them without being asked to. */
    private static InputStream body(Exchange exchange, Attempt attempt) throws IOException {
        @Nullable Object body = exchange.getMessage().getBody();
        if (!(body instanceof InputStream in)) {
            return new ByteArrayInputStream(new byte[0]);
        }
        String encoding = attempt.headers().apply("content-encoding");
        return encoding != null && encoding.toLowerCase(Locale.ROOT).endsWith("gzip") ? new GZIPInputStream(in) : in;
    }
}
