package io.bactrian.metrics;

import io.bactrian.policy.Candidate;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.policy.LastResortAnswer;
import io.bactrian.protocol.CallRecord;
import io.bactrian.request.RequestContext;
import java.util.ArrayList;
import java.util.List;

/** The fallbacks of a request: who was asked in whose place. Stateless. */
final class Fallbacks {
    /** The label where none answers. */
    static final String NONE = "none";

    private Fallbacks() {}

    /**
     * One step.
     *
     * @param from the target that failed or was passed over
     * @param to the target that was asked next, the kind of last resort that answered, or {@code none}
     * @param type the class of the failure, or of the reason for which it was passed over
     */
    record Step(String from, String to, String type) {}

    /** The steps of a request that has ended, in order. A call that lost a race is no step; neither is another try of a target. */
    static List<Step> of(RequestContext context, List<CallRecord> calls) {
        List<Candidate> candidates = context.plan().candidates();
        if (calls.size() == 1 && calls.getFirst().failure() == null && noneSkipped(candidates)) {
            return List.of();
        }
        List<Step> steps = new ArrayList<>();
        List<CallRecord> counted = calls.stream().filter(Fallbacks::isNoLoser).toList();
        int passed = 0;
        CallRecord before = null;
        for (CallRecord call : counted) {
            if (before != null && before.failure() != null && !before.target().equals(call.target())) {
                steps.add(new Step(before.target(), call.target(), type(before)));
            }
            passed = passOver(candidates, passed, index(candidates, call.target()), call.target(), steps);
            before = call;
        }
        boolean over = context.answered() && context.lastResort() == null;
        if (!over && !context.isCancelled()) {
            LastResortAnswer lastResort = context.lastResort();
            String to = lastResort == null ? NONE : lastResort.kind();
            if (before != null && before.failure() != null) {
                steps.add(new Step(before.target(), to, type(before)));
            }
            passOver(candidates, passed, candidates.size(), to, steps);
        }
        return steps;
    }

    /** Adds the steps of the candidates before this index that were passed over, from where the last one was. */
    private static int passOver(List<Candidate> candidates, int from, int index, String to, List<Step> steps) {
        for (int i = from; i < index; i++) {
            Candidate candidate = candidates.get(i);
            FailureClass type = candidate.lastFailure();
            if (candidate.skipped() != null && type != null) {
                steps.add(new Step(candidate.target().name(), to, type.name()));
            }
        }
        return Math.max(from, index);
    }

    private static boolean noneSkipped(List<Candidate> candidates) {
        for (Candidate candidate : candidates) {
            if (candidate.skipped() != null) {
                return false;
            }
        }
        return true;
    }

    private static boolean isNoLoser(CallRecord call) {
        Failure failure = call.failure();
        return failure == null || failure.type() != FailureClass.CANCELLED;
    }

    private static String type(CallRecord call) {
        return call.outcome();
    }

    private static int index(List<Candidate> candidates, String target) {
        for (int i = 0; i < candidates.size(); i++) {
            if (candidates.get(i).target().name().equals(target)) {
                return i;
            }
        }
        return 0;
    }
}
