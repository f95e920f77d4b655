package io.bactrian.behaviour;

import io.bactrian.testing.Caller;
import io.bactrian.testing.ConcurrentCallers;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/** A pair of a caller and the protocol of the provider that it asks. */
record Pair(Caller caller, String api) {

    /** A check of one pair; the first that fails fails the test. */
    interface Check {
        void of(Pair pair) throws Exception;
    }

    static List<Pair> all() {
        return Stream.of(Caller.values())
                .flatMap(caller -> Stream.of("openai", "anthropic").map(api -> new Pair(caller, api)))
                .toList();
    }

    /** Checks all pairs at the same time. */
    static void atOnce(Check check) {
        ConcurrentCallers.run(all().stream()
                .<Callable<Void>>map(pair -> () -> {
                    check.of(pair);
                    return null;
                })
                .toList());
    }

    /** The provider of the pair's protocol among those that are named {@code <prefix>-<api>}. */
    String provider(String prefix) {
        return prefix + "-" + api;
    }

    /** What ends a whole stream to this caller. */
    String end() {
        return caller == Caller.CHAT ? "[DONE]" : "event: message_stop";
    }
}
