package io.bactrian.request;

import io.bactrian.config.Chain;
import io.bactrian.config.Limits;
import io.bactrian.config.Target;
import io.bactrian.policy.Decision;
import io.bactrian.policy.Plan;
import io.bactrian.protocol.Ids;
import io.bactrian.protocol.openai.ChatCompletions;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The request of a probe: one short question to one target, decided on already. Stateless. */
public final class ProbeRequest {
    /** Enough for a short answer. */
    public static final int TOKENS = 16;
    /** Enough for a model that thinks to begin, with the lowest effort. */
    public static final int TOKENS_OF_THINKERS = 64;

    private static final RequestOptions NO_FALLBACK = new RequestOptions(null, null, false, null, null, Map.of());

    private ProbeRequest() {}

    /** The most tokens that a target may answer with. */
    public static int tokens(Target target) {
        return target.thinks() ? TOKENS_OF_THINKERS : TOKENS;
    }

    /**
     * The state of a probe that is about to be sent.
     *
     * @param now epoch milliseconds
     * @param cancellation cancelled when the probe is no longer wanted
     */
    public static RequestContext of(
            Target target,
            Limits limits,
            String prompt,
            Duration timeout,
            long now,
            boolean demo,
            Cancellation cancellation) {
        String id = "probe_" + Ids.random();
        InboundRequest inbound = new InboundRequest(
                id,
                "",
                ChatCompletions.PROTOCOL.read(ChatCompletions.question(prompt, tokens(target), target.thinks())),
                NO_FALLBACK,
                new DocumentReply(ChatCompletions.PROTOCOL, id),
                cancellation,
                Map.of());
        Chain chain = Chain.of(target.name(), List.of(new Chain.Entry(target, limits)), limits);
        Plan plan = Plan.of(chain, false, now, now + timeout.toMillis(), entry -> null);
        RequestContext context = RequestContext.ofProbe(inbound, chain, plan, now, demo);
        context.decide(new Decision.Ask(plan.candidates().getFirst(), 0, Decision.Wait.NONE));
        return context;
    }
}
