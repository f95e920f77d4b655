package io.bactrian.monitor;

import io.bactrian.config.Target;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.Usage;
import io.bactrian.request.ProbeRequest;
import org.jspecify.annotations.Nullable;

/** The cost of probes in US dollars. Stateless. */
final class ProbeCost {
    private static final double MILLION = 1_000_000;
    /** Dollars per million tokens where no price is configured, for the budget only. */
    private static final double USUAL_INPUT = 3;

    private static final double USUAL_OUTPUT = 15;
    /** The tokens of the question, where the provider does not count them. */
    private static final int QUESTION_TOKENS = 20;

    private ProbeCost() {}

    /** Whether calls to a target cost nothing: it is simulated, needs no key, or has a price of zero. */
    static boolean isFree(Target target, boolean demo) {
        return demo
                || (target.isPriced()
                        ? target.dollars(1, 1) == 0
                        : target.provider().keyless());
    }

    /** The known cost; 0 if the usage or the prices are unknown. */
    static double of(Target target, @Nullable Usage usage) {
        return usage == null ? 0 : target.dollars(usage.prompt(), usage.completion());
    }

    /** The cost that the budget counts: at usual prices and with all tokens where the real ones are unknown. */
    static double assumed(Target target, @Nullable Usage usage, @Nullable Failure failure) {
        if (usage == null && failure != null && !mayHaveCost(failure)) {
            return 0;
        }
        long prompt = usage == null ? QUESTION_TOKENS : usage.prompt();
        long completion = usage == null ? ProbeRequest.tokens(target) : usage.completion();
        return target.isPriced()
                ? target.dollars(prompt, completion)
                : (prompt * USUAL_INPUT + completion * USUAL_OUTPUT) / MILLION;
    }

    /** Whether a model may have written before the call failed. */
    private static boolean mayHaveCost(Failure failure) {
        return failure.type() == FailureClass.TIMEOUT
                || failure.type() == FailureClass.STREAM_BROKEN
                || failure.type() == FailureClass.INVALID_RESPONSE;
    }
}
