package io.bactrian.testing;

import io.bactrian.config.Chain;
import io.bactrian.config.Target;
import io.bactrian.health.Breakers;
import io.bactrian.health.CallObserver;
import io.bactrian.health.CallOutcomes;
import io.bactrian.health.ConnectionPermits;
import io.bactrian.health.Cooldowns;
import io.bactrian.health.DrillFault;
import io.bactrian.health.HealthBook;
import io.bactrian.health.KeyPool;
import io.bactrian.health.TargetLatencies;
import io.bactrian.health.TrackedCall;
import io.bactrian.policy.Failure;
import io.bactrian.policy.Plan;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.request.Cancellation;
import io.bactrian.request.InboundRequest;
import io.bactrian.request.Reply;
import io.bactrian.request.RequestContext;
import io.bactrian.request.RequestOptions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;

/** Planned requests and begun calls, for tests of what comes after a plan. */
public final class TestRequests {
    private static final Clock START = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

    private static final CallObserver NONE = new CallObserver() {
        @Override
        public void failed(Target target, Failure failure, long millis) {}

        @Override
        public void answered(Target target, long millis) {}

        @Override
        public void malformed(Target target) {}
    };

    private TestRequests() {}

    /** A request of a caller without a name and without options. */
    public static RequestContext planned(
            ChatRequest request, Chain chain, Plan plan, Reply reply, long startedAt, boolean demo) {
        return planned(request, chain, plan, reply, startedAt, demo, Map.of());
    }

    /** @param drills the faults that the caller ordered, by {@link Target#key} */
    public static RequestContext planned(
            ChatRequest request,
            Chain chain,
            Plan plan,
            Reply reply,
            long startedAt,
            boolean demo,
            Map<String, DrillFault> drills) {
        RequestOptions options = new RequestOptions(null, null, true, null, null, drills);
        InboundRequest inbound = new InboundRequest("req_1", "", request, options, reply, new Cancellation(), Map.of());
        return new RequestContext(inbound, chain, plan, reply, startedAt, false, demo);
    }

    /** A call that began at the epoch, and from which nothing else learns. */
    public static TrackedCall call(Target target) {
        Cooldowns cooldowns = new Cooldowns();
        return new CallOutcomes(
                        new Breakers(START),
                        cooldowns,
                        new KeyPool(cooldowns),
                        new TargetLatencies(START),
                        new ConnectionPermits(),
                        new HealthBook(START),
                        NONE,
                        START)
                .begin(target, TestLimits.defaults(), CallOutcomes.Kind.OTHER, false, false, false, () -> false, 0);
    }
}
