package io.bactrian.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.config.Chain;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Candidate;
import io.bactrian.policy.Decision;
import io.bactrian.policy.Failure;
import io.bactrian.policy.Plan;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.CallerProtocol;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.ProviderProtocol;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.protocol.anthropic.Messages;
import io.bactrian.protocol.anthropic.MessagesProvider;
import io.bactrian.protocol.openai.ChatCompletions;
import io.bactrian.protocol.openai.ChatProvider;
import io.bactrian.provider.AnswerMemory;
import io.bactrian.provider.Attempt;
import io.bactrian.provider.ProviderClient;
import io.bactrian.provider.Watchdog;
import io.bactrian.provider.failure.Classifier;
import io.bactrian.request.DocumentReply;
import io.bactrian.request.Problems;
import io.bactrian.request.Reply;
import io.bactrian.request.RequestContext;
import io.bactrian.routing.AnswerSteps;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.TestLimits;
import io.bactrian.testing.TestRequests;
import io.bactrian.testing.VirtualClock;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;

/**
 * Answers of providers, as streams and as documents, for callers of both protocols that want the one or the other: what goes out
 * is an answer in the caller's protocol that is at its end, or an error, and never a success if the answer was cut or in error.
 */
final class ProviderAnswers implements FuzzTarget {
    private static final byte[] CHAT_ERROR =
            "data: {\"error\":{\"message\":\"broken\",\"type\":\"server_error\",\"code\":null}}\n\n".getBytes(UTF_8);
    private static final byte[] MESSAGES_ERROR =
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"broken\"}}\n\n"
                    .getBytes(UTF_8);

    private final VirtualClock clock = new VirtualClock();
    private final Classifier classifier = new Classifier(clock);
    private final AnswerSteps steps =
            new AnswerSteps(classifier, AnswerMemory.ofHeap(2L * AnswerSteps.MAX_DOCUMENT_BYTES), clock);
    private final Watchdog watchdog = new Watchdog(clock);
    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final List<ProviderProtocol> providers = List.of(new ChatProvider(), new MessagesProvider(clock));
    private final Chain chain = TestChains.chain(TestLimits.defaults(), "a", "b");
    private final Corpus corpus;
    private final List<ChatRequest> requests;
    private byte[] answer = {};
    private String what = "";

    ProviderAnswers(Corpus corpus) {
        this.corpus = corpus;
        this.requests = readable(corpus);
    }

    private static List<ChatRequest> readable(Corpus corpus) {
        List<ChatRequest> read = new ArrayList<>();
        corpus.chats().forEach(body -> read(ChatCompletions.PROTOCOL, body, read));
        corpus.messages().forEach(body -> read(Messages.PROTOCOL, body, read));
        return read;
    }

    /** Some of the recorded requests are invalid on purpose. */
    private static void read(CallerProtocol caller, byte[] body, List<ChatRequest> to) {
        try {
            to.add(caller.read(body));
        } catch (RequestRejected rejected) {
            assertThat(rejected.status()).isEqualTo(400);
        }
    }

    @Override
    public String name() {
        return "answers";
    }

    @Override
    public String input() {
        return what + "\n\n" + new String(answer, UTF_8);
    }

    @Override
    public void check(Random random) {
        Mutator mutator = new Mutator(random, random.nextBoolean() ? corpus.streams() : corpus.documents());
        boolean stream = random.nextInt(10) < 7;
        byte[] valid = mutator.odd(stream ? corpus.streams() : corpus.documents());
        boolean mustFail = false;
        switch (random.nextInt(10)) {
            case 0 -> {
                answer = mutator.cut(valid);
                mustFail = stream ? answer.length <= end(valid) : Json.parse(answer) == null;
            }
            case 1 -> {
                answer = stream ? withError(valid, random) : mutator.document(valid);
                mustFail = stream;
            }
            default -> answer = stream ? mutator.stream(valid) : mutator.document(valid);
        }
        ChatRequest request = mutator.odd(requests);
        ProviderProtocol provider = random.nextInt(4) == 0 ? mutator.odd(providers) : speaking(valid);
        boolean broken = random.nextInt(20) == 0;
        what = "caller " + request.protocol().name() + ", provider " + provider.name() + ", broken " + broken
                + ", must fail " + mustFail + ", request " + new String(request.body(), UTF_8);
        boolean answered = ask(request, provider, slowly(answer, broken, random), random);
        assertThat(answered && mustFail)
                .as("success of an answer that was cut or in error")
                .isFalse();
    }

    /** The provider whose answer this is. */
    private ProviderProtocol speaking(byte[] valid) {
        String text = new String(valid, ISO_8859_1);
        return providers.get(text.contains("message_start") || text.contains("stop_reason") ? 1 : 0);
    }

    /** The place of the first finish reason of a stream; its length if it has none. */
    private static int end(byte[] valid) {
        String text = new String(valid, ISO_8859_1);
        int end = valid.length;
        for (String reason :
                List.of("finish_reason", "stop_reason", "finishReason", "\"done\"", "message_stop", "[DONE]")) {
            Matcher found = Pattern.compile(Pattern.quote(reason) + "\"?\\s*:?\\s*(?!null|\\s)")
                    .matcher(text);
            end = found.find() ? Math.min(end, found.start()) : end;
        }
        return end;
    }

    /** A valid stream with an error before its end. */
    private static byte[] withError(byte[] valid, Random random) {
        byte[] error = random.nextBoolean() ? CHAT_ERROR : MESSAGES_ERROR;
        String before = new String(Arrays.copyOf(valid, end(valid)), ISO_8859_1);
        int at = before.lastIndexOf("\n\n");
        byte[] head = at < 0 ? new byte[0] : Arrays.copyOf(valid, at + 2);
        byte[] made = Arrays.copyOf(head, head.length + error.length + valid.length - head.length);
        System.arraycopy(error, 0, made, head.length, error.length);
        System.arraycopy(valid, head.length, made, head.length + error.length, valid.length - head.length);
        return made;
    }

    /** Bytes that come in pieces, and perhaps end with an exception. */
    private static InputStream slowly(byte[] bytes, boolean broken, Random random) {
        return new FilterInputStream(new ByteArrayInputStream(bytes)) {
            @Override
            public int read(byte[] into, int at, int length) throws IOException {
                int piece = random.nextInt(4) == 0 ? 1 + random.nextInt(9) : length;
                int read = super.read(into, at, Math.min(piece, length));
                if (read < 0 && broken) {
                    throw new SocketException("Connection reset");
                }
                return read;
            }
        };
    }

    /** Asks a provider; true if its answer was taken as one. */
    boolean ask(ChatRequest request, ProviderProtocol provider, InputStream body, Random random) {
        CallerProtocol caller = request.protocol();
        WrittenReply stream = request.stream() ? new WrittenReply(caller.newStreamWriter("req_1")) : null;
        Reply reply = stream == null ? new DocumentReply(caller, "req_1") : stream;
        Plan plan = TestChains.plan(chain, clock.millis() + 600_000);
        RequestContext context = TestRequests.planned(request, chain, plan, reply, clock.millis(), false);
        Candidate candidate = plan.candidates().getFirst();
        context.decide(new Decision.Ask(candidate, 0, Decision.Wait.NONE));
        var tracked = TestRequests.call(candidate.target());
        context.call(CallOptions.plainly(random.nextInt(4) > 0), tracked);
        Exchange exchange = new DefaultExchange(camel);
        exchange.setProperty(
                ProviderClient.ATTEMPT,
                new Attempt(context, candidate, tracked, provider, classifier, random.nextBoolean(), watchdog, clock));
        exchange.getMessage().setBody(body);
        try {
            steps.read(exchange);
        } catch (CallFailed failed) {
            Failure failure = failed.failure();
            reply.fail(
                    reply.committed()
                            ? Problems.broken(failure, context.trail())
                            : Problems.of(failure, context.trail()));
            if (stream == null || reply.body() != null) {
                assertThatIsJson(reply.body());
            } else {
                new SentEvents(caller, stream.sent()).assertThatErrorEndsIt();
            }
            return false;
        }
        if (stream == null) {
            assertThatIsAnswer(caller, reply.body());
        } else {
            new SentEvents(caller, stream.sent()).assertThatAnswerEnds();
        }
        return true;
    }

    private static void assertThatIsJson(byte[] document) {
        assertThat(document).as("a document").isNotNull();
        assertThat(Json.parse(document)).as("a document").isNotNull();
    }

    private static void assertThatIsAnswer(CallerProtocol caller, byte[] document) {
        assertThatIsJson(document);
        JsonNode tree = Json.parse(document);
        boolean answer = caller == ChatCompletions.PROTOCOL
                ? tree.path("choices").isArray()
                : tree.path("content").isArray();
        assertThat(answer).as("a document that is an answer").isTrue();
    }
}
