package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Call;
import io.bactrian.testing.Caller;
import io.bactrian.testing.ConcurrentCallers;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Streams of random words, torn at random places: for every seed the words of the caller are those of the provider. */
final class TornStreamsIT {
    @RegisterExtension
    static final GatewayExtension gateway =
            GatewayExtension.with().openai("openai").anthropic("anthropic");

    @Test
    void words_are_whole_however_the_bytes_are_torn() {
        long seed = System.nanoTime();
        gateway.stub("openai").on(call -> torn("openai", call));
        gateway.stub("anthropic").on(call -> torn("anthropic", call));
        List<Callable<Void>> all = new ArrayList<>();
        for (Pair pair : Pair.all()) {
            IntStream.range(0, 40)
                    .forEach(i -> all.add(() -> {
                        assertWhole(pair.caller(), pair.api(), seed + i);
                        return null;
                    }));
        }
        ConcurrentCallers.run(all);
    }

    private static void assertWhole(Caller caller, String api, long seed) {
        Answer answer = gateway.gateway().ask(Request.of(api + "/" + seed).by(caller).stream(true));

        assertThat(caller.words(answer))
                .as("%s, %s, seed %s", caller, api, seed)
                .isEqualTo(String.join("", tokens(new Random(seed))));
        caller.assertWellFormed(answer);
    }

    private static List<String> tokens(Random random) {
        List<String> alphabet = List.of("a", "ß", "终", "🐪", " ", "\n", "\"", "\\", "é", "}", "data: ", "\u2028", "-");
        return IntStream.range(0, 1 + random.nextInt(25))
                .mapToObj(i -> IntStream.range(0, 1 + random.nextInt(6))
                        .mapToObj(j -> alphabet.get(random.nextInt(alphabet.size())))
                        .collect(Collectors.joining()))
                .toList();
    }

    /** The model's name is the seed of the words, and of the places where they are torn. */
    private static Reply torn(String api, Call call) {
        Random random = new Random(Long.parseLong(call.model()));
        HandWrittenStream stream = new HandWrittenStream(api);
        String events = stream.sse(stream.answer(tokens(random)));
        String lineEnd = List.of("\n", "\r\n", "\r").get(random.nextInt(3));
        byte[] bytes = events.replace("\n", lineEnd).getBytes(StandardCharsets.UTF_8);
        return x -> {
            x.streamHead(200, Map.of());
            int longest = 1 + random.nextInt(300);
            for (int from = 0; from < bytes.length; ) {
                int to = Math.min(bytes.length, from + 1 + random.nextInt(longest));
                x.chunk(Arrays.copyOfRange(bytes, from, to));
                from = to;
                if (random.nextInt(20) == 0) {
                    x.pause(Duration.ofMillis(random.nextInt(4)));
                }
            }
            x.endChunks();
            return Reply.After.KEEP;
        };
    }
}
