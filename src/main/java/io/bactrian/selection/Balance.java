package io.bactrian.selection;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.bactrian.config.Chain;
import io.bactrian.config.Chain.Entry;
import io.bactrian.config.Chain.Group;
import io.bactrian.config.Chain.Member;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The weighted choice among the members of a balance group. New conversations are distributed by weight; a continued
 * one goes to the target where it began, because its prompt may be cached there. Thread-safe.
 */
public final class Balance {
    private static final Duration KEEP_FOR = Duration.ofHours(1);
    private static final int MAX_KEPT = 100_000;

    private final Map<String, Turns> turns = new ConcurrentHashMap<>();
    private final Cache<Long, String> kept = Caffeine.newBuilder()
            .maximumSize(MAX_KEPT)
            .expireAfterAccess(KEEP_FOR)
            .build();

    /**
     * The chain with each balance group replaced by its members, in the order in which they are to be asked.
     *
     * @param conversation a hash of the caller and of the beginning of the conversation
     * @param goesOn true if the conversation already has an answer
     */
    public Chain arrange(Chain chain, long conversation, boolean goesOn) {
        List<Chain.Step> steps = new ArrayList<>();
        for (Chain.Step step : chain.steps()) {
            if (step instanceof Group group && group.kind() == Chain.Kind.BALANCE) {
                steps.addAll(order(chain.name(), group, conversation, goesOn));
            } else {
                steps.add(step);
            }
        }
        return chain.arranged(steps);
    }

    private List<Entry> order(String chain, Group group, long conversation, boolean goesOn) {
        String name = chain + ": "
                + group.members().stream()
                        .map(member -> member.entry().target().name() + "*" + member.weight())
                        .toList();
        long key = conversation ^ name.hashCode() * 0x9e3779b97f4a7c15L;
        String before = goesOn ? kept.getIfPresent(key) : null;
        List<Member> rest = new ArrayList<>(group.members());
        List<Entry> ordered = new ArrayList<>(rest.size());
        Member first = find(rest, before);
        if (first == null) {
            // Another process may have answered before: hashing at least makes all processes choose the same member.
            first = goesOn
                    ? byScore(rest, conversation).getFirst()
                    : turns.computeIfAbsent(name, n -> new Turns(rest)).next();
            kept.put(key, first.entry().target().name());
        }
        ordered.add(first.entry());
        rest.remove(first);
        // The second choice differs by conversation, so that the share of an unavailable member is spread by weight.
        byScore(rest, conversation).forEach(member -> ordered.add(member.entry()));
        return ordered;
    }

    private static @Nullable Member find(List<Member> members, @Nullable String target) {
        for (Member member : members) {
            if (member.entry().target().name().equals(target)) {
                return member;
            }
        }
        return null;
    }

    /** Weighted rendezvous hashing: the same order for the same conversation, shares by weight over many of them. */
    private static List<Member> byScore(List<Member> members, long conversation) {
        Map<Member, Double> scores = new HashMap<>();
        for (Member member : members) {
            long hash = mix(conversation ^ member.entry().target().name().hashCode() * 0x9e3779b97f4a7c15L);
            double uniform = ((hash >>> 11) + 1) * 0x1.0p-53;
            scores.put(member, -member.weight() / Math.log(uniform));
        }
        return members.stream()
                .sorted(Comparator.comparing((Member m) -> scores.get(m)).reversed())
                .toList();
    }

    private static long mix(long hash) {
        long h = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
        h = (h ^ (h >>> 27)) * 0x94d049bb133111ebL;
        return h ^ (h >>> 31);
    }

    /** A weighted round robin that spreads the turns of each member evenly. Thread-safe. */
    private static final class Turns {
        private final List<Member> members;
        private final double[] credit;
        private final double sum;

        Turns(List<Member> members) {
            this.members = List.copyOf(members);
            this.credit = new double[members.size()];
            this.sum = members.stream().mapToDouble(Member::weight).sum();
        }

        synchronized Member next() {
            int best = 0;
            for (int i = 0; i < credit.length; i++) {
                credit[i] += members.get(i).weight();
                if (credit[i] > credit[best] + 1e-9) {
                    best = i;
                }
            }
            credit[best] -= sum;
            return members.get(best);
        }
    }

    /** True if the chain has a balance group. */
    public static boolean concerns(Chain chain) {
        for (Chain.Step step : chain.steps()) {
            if (step instanceof Group group && group.kind() == Chain.Kind.BALANCE) {
                return true;
            }
        }
        return false;
    }
}
