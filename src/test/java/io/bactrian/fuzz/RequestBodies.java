package io.bactrian.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.config.Limits.Rescue;
import io.bactrian.config.RequestBounds;
import io.bactrian.config.Target;
import io.bactrian.policy.CallFailed;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.CallerProtocol;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Problem;
import io.bactrian.protocol.ProviderProtocol;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.protocol.anthropic.Messages;
import io.bactrian.protocol.anthropic.MessagesProvider;
import io.bactrian.protocol.openai.ChatCompletions;
import io.bactrian.protocol.openai.ChatProvider;
import io.bactrian.protocol.openai.Completions;
import io.bactrian.protocol.openai.Embeddings;
import io.bactrian.testing.TestChains;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Bodies of requests in every protocol of callers: each is read or rejected in the caller's format, and what is read is written
 * for providers of both protocols as JSON, or refused.
 */
final class RequestBodies implements FuzzTarget {
    private static final List<ProviderProtocol> PROVIDERS =
            List.of(new ChatProvider(), new MessagesProvider(Clock.systemUTC()));
    private static final Target TARGET = TestChains.target("t");
    private static final List<byte[]> TEXTS = texts(
            "{\"model\":\"m\",\"prompt\":[\"a\",\"b\"],\"n\":1,\"stop\":\"x\",\"logprobs\":2,\"echo\":false}",
            "{\"model\":\"m\",\"prompt\":\"a\",\"stream\":true,\"max_tokens\":5,\"suffix\":\"b\"}");
    private static final List<byte[]> INPUTS = texts(
            "{\"model\":\"m\",\"input\":[\"a\",\"b\"],\"encoding_format\":\"float\",\"dimensions\":8}",
            "{\"model\":\"m\",\"input\":[[1,2],[3]],\"user\":\"u\"}",
            "{\"model\":\"m\",\"input\":\"a\",\"encoding_format\":\"base64\"}");

    private final Corpus corpus;
    private byte[] body = {};

    RequestBodies(Corpus corpus) {
        this.corpus = corpus;
    }

    @Override
    public String name() {
        return "requests";
    }

    @Override
    public String input() {
        return new String(body, UTF_8);
    }

    @Override
    public void check(Random random) {
        int kind = random.nextInt(20);
        if (kind < 9) {
            check(ChatCompletions.PROTOCOL, made(corpus.chats(), random), random);
        } else if (kind < 18) {
            check(Messages.PROTOCOL, made(corpus.messages(), random), random);
        } else if (kind == 18) {
            check(Completions.PROTOCOL, made(TEXTS, random), random);
        } else {
            check(Embeddings.PROTOCOL, made(INPUTS, random), random);
        }
    }

    private byte[] made(List<byte[]> valid, Random random) {
        List<byte[]> others = new ArrayList<>(corpus.chats());
        others.addAll(corpus.messages());
        Mutator mutator = new Mutator(random, others);
        byte[] from = mutator.odd(valid);
        return random.nextInt(20) == 0 ? mutator.cut(from) : mutator.document(from);
    }

    /** The checks of one body. */
    void check(CallerProtocol caller, byte[] made, Random random) {
        body = made;
        ChatRequest request;
        try {
            request = random.nextInt(10) == 0
                    ? ChatRequest.read(caller, body, caller.newCountedFields(), RequestBounds.USUAL)
                    : caller.read(body);
            request.minTokens();
            request.conversationKey();
        } catch (RequestRejected rejected) {
            assertThatIsError(caller, rejected);
            return;
        }
        for (ProviderProtocol chatProvider : PROVIDERS) {
            ProviderProtocol provider = chatProvider.serving(caller.service());
            if (provider != null && provider.unsupported(request) == null) {
                encode(request, provider, CallOptions.plainly(provider.asksModel() && request.stream()));
                encode(request, provider, refusing(provider, request));
            }
        }
        rest(request, random);
    }

    private static CallOptions refusing(ProviderProtocol provider, ChatRequest request) {
        return new CallOptions(false, provider.negotiable(request), provider.negotiable(request), null);
    }

    private static void encode(ChatRequest request, ProviderProtocol provider, CallOptions options) {
        try {
            byte[] sent = provider.encode(request, TARGET, options).body();
            assertThat(Json.parse(sent)).as("the body for a provider").isNotNull();
        } catch (CallFailed | RequestRejected refused) {
            assertThat(refused.getMessage()).isNotNull();
        }
    }

    /** What is done with some requests only: their schema, and the request for the rest of an answer. */
    private static void rest(ChatRequest request, Random random) {
        CallerProtocol caller = request.protocol();
        try {
            if (request.asksJson()) {
                Consumer<String> check = caller.schemaCheck(request);
                if (check != null) {
                    check.accept(random.nextBoolean() ? "{\"a\":\"aaaaaaaaaaaa!\",\"b\":{}}" : "[");
                }
            }
            if (request.stream() && request.streamable() && request.ownOnly().isEmpty()) {
                ChatRequest goesOn = caller.continuation(request, "The answer \ud83d", 3, Rescue.CONTINUE);
                PROVIDERS.forEach(provider -> encode(
                        goesOn,
                        provider,
                        new CallOptions(true, Set.of(), provider.negotiable(goesOn), Rescue.CONTINUE)));
            }
        } catch (CallFailed | RequestRejected refused) {
            assertThat(refused.getMessage()).isNotNull();
        }
    }

    private static void assertThatIsError(CallerProtocol caller, RequestRejected rejected) {
        Problem problem = Problem.of(rejected);
        byte[] document = Json.bytes(caller.error(problem, "req_1"));
        assertThat(Json.parse(document)).as("the error document").isNotNull();
        assertThat(caller.status(problem)).isBetween(400, 503);
    }

    private static List<byte[]> texts(String... texts) {
        List<byte[]> bytes = new ArrayList<>();
        for (String text : texts) {
            bytes.add(text.getBytes(UTF_8));
        }
        return bytes;
    }
}
