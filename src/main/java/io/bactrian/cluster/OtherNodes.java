package io.bactrian.cluster;

import io.bactrian.cluster.SharedTarget.Breaker;
import io.bactrian.policy.FailureClass;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The other nodes, with the last that each has told, and the rules by which they are believed. Thread-safe.
 *
 * <p>A breaker that is open at one other node is kept open here for its first open time and a moment longer, in which the other
 * node makes its trial call. If that fails, this node makes one itself, because the other may be cut off alone. Only what two
 * nodes have found, or this one too, is believed for as long as they say so. What the other found is not believed any more after
 * a call of this node has reached the target, until the other has reached it as well.
 */
final class OtherNodes {
    /** The time after which a node of which nothing is heard is gone. */
    static final long GONE_MILLIS = 90_000;
    /** The longest wait for the end of another node's trial call. */
    static final long TRIAL_MILLIS = 10_000;

    private static final int MAX_NODES = 200;
    /** The difference that two reports of the same end may have, because each travels for a moment. */
    private static final long SAME_MILLIS = 500;

    private final String boot;
    private final long moment;
    private final Map<String, Node> nodes = new LinkedHashMap<>();

    /**
     * @param boot that of this node, whose own reports come back
     * @param moment the milliseconds by which this node comes later than the others, different at each node
     */
    OtherNodes(String boot, long moment) {
        this.boot = boot;
        this.moment = moment;
    }

    /** Another node. */
    record Heard(String node, String boot, long at) {}

    private static final class Node {
        final String name;
        long sequence = Long.MIN_VALUE;
        long heardAt;
        final Map<String, Told> targets = new HashMap<>();

        Node(String name) {
            this.name = name;
        }
    }

    /** The last that a node told of a target that is not well. */
    private static final class Told {
        SharedTarget last;
        /** The end of the first open time, and of the trial after it. */
        long firstUntil;

        boolean tried;
        boolean refuted;

        Told(SharedTarget last) {
            this.last = last;
        }

        /** True if calls of that node have failed, and nothing speaks against it. */
        boolean holds(long now) {
            boolean own = last.by() == null || last.breaker() == Breaker.HALF_OPEN;
            return !refuted && own && last.breaker() != Breaker.CLOSED && last.openUntil() > now;
        }
    }

    /** True if the report is the first of a node that is not this one. */
    synchronized boolean isNew(NodeReport report, long now) {
        forgetGone(now);
        return !report.boot().equals(boot) && !nodes.containsKey(report.boot()) && nodes.size() < MAX_NODES;
    }

    /**
     * Takes in a report.
     *
     * @param failedHere whether calls of this node to a target have failed, so that its breaker opened by itself
     * @return what follows; empty for an own report, an old one, and one that has no news
     */
    synchronized List<Effect> apply(NodeReport report, long now, Predicate<String> failedHere) {
        if (report.boot().equals(boot)) {
            return List.of();
        }
        forgetGone(now);
        Node node = nodes.get(report.boot());
        if (node == null) {
            if (nodes.size() >= MAX_NODES) {
                return List.of();
            }
            node = new Node(report.node());
            nodes.put(report.boot(), node);
        }
        if (report.sequence() <= node.sequence) {
            return List.of();
        }
        node.sequence = report.sequence();
        node.heardAt = now;
        List<Effect> effects = new ArrayList<>();
        for (SharedTarget target : report.targets()) {
            apply(node, target, now, failedHere, effects);
        }
        if (report.complete()) {
            Set<String> named = new HashSet<>();
            report.targets().forEach(target -> named.add(target.name()));
            for (Told told : List.copyOf(node.targets.values())) {
                if (!named.contains(told.last.name())) {
                    apply(node, told.last.well(), now, failedHere, effects);
                }
            }
        }
        return effects;
    }

    private void apply(Node node, SharedTarget fresh, long now, Predicate<String> failedHere, List<Effect> effects) {
        Told told = node.targets.get(fresh.name());
        if (told == null && fresh.isPlain()) {
            return;
        }
        if (told == null) {
            told = new Told(fresh.well());
            node.targets.put(fresh.name(), told);
        }
        SharedTarget before = told.last;
        cooldown(node, before, fresh, now, effects);
        breaker(node, told, before, fresh, now, failedHere, effects);
        if (fresh.isPlain()) {
            node.targets.remove(fresh.name());
        }
    }

    private static void cooldown(Node node, SharedTarget before, SharedTarget fresh, long now, List<Effect> effects) {
        FailureClass type = fresh.cooling();
        if (type == null) {
            if (before.cooling() != null && before.coolingUntil() > now + SAME_MILLIS) {
                effects.add(new Effect.Warm(fresh.name(), fresh.endpoint(), node.name));
            }
        } else if (before.cooling() == null || fresh.coolingUntil() > before.coolingUntil() + SAME_MILLIS) {
            effects.add(new Effect.Cool(fresh.name(), fresh.endpoint(), node.name, type, fresh.coolingUntil()));
        }
    }

    private void breaker(
            Node node,
            Told told,
            SharedTarget before,
            SharedTarget fresh,
            long now,
            Predicate<String> failedHere,
            List<Effect> effects) {
        if (fresh.breaker() == Breaker.CLOSED) {
            told.last = fresh;
            if (before.breaker() != Breaker.CLOSED) {
                reached(fresh.name(), node);
                effects.add(new Effect.Release(fresh.name(), fresh.endpoint()));
            }
            return;
        }
        SharedTarget next = fresh.breaker() == Breaker.HALF_OPEN ? trial(fresh, before, now) : fresh;
        boolean first = before.breaker() == Breaker.CLOSED || (before.by() != null && next.by() == null);
        boolean same = !first
                && next.breaker() == before.breaker()
                && Math.abs(next.openUntil() - before.openUntil()) <= SAME_MILLIS;
        told.last = same ? before : next;
        if (same) {
            return;
        }
        if (first) {
            told.firstUntil = next.openUntil();
            told.tried = false;
            told.refuted = false;
        } else if (next.breaker() == Breaker.HALF_OPEN && !told.tried) {
            told.firstUntil = next.openUntil();
            told.tried = true;
        } else if (before.breaker() == Breaker.HALF_OPEN) {
            told.firstUntil = Math.min(told.firstUntil, now);
        }
        Effect.Hold hold = hold(fresh, now, failedHere);
        if (hold != null) {
            effects.add(hold);
        }
    }

    /** A trial call, which lasts for as long as it was first told of and for a known time at most. */
    private static SharedTarget trial(SharedTarget fresh, SharedTarget before, long now) {
        long until = before.breaker() == Breaker.HALF_OPEN ? before.openUntil() : now + TRIAL_MILLIS;
        return new SharedTarget(
                fresh.name(),
                fresh.endpoint(),
                fresh.breaker(),
                until,
                fresh.by(),
                fresh.byHand(),
                fresh.cooling(),
                fresh.coolingUntil());
    }

    /** How long what all nodes have told of a target is believed; null if it is not. */
    private Effect.@Nullable Hold hold(SharedTarget fresh, long now, Predicate<String> failedHere) {
        int found = 0;
        String by = "";
        boolean byHand = false;
        long longest = 0;
        long first = 0;
        for (Node node : nodes.values()) {
            Told told = node.targets.get(fresh.name());
            if (told == null || !told.holds(now) || !told.last.endpoint().equals(fresh.endpoint())) {
                continue;
            }
            found++;
            byHand |= told.last.byHand();
            first = Math.max(first, told.firstUntil);
            if (told.last.openUntil() > longest) {
                longest = told.last.openUntil();
                by = node.name;
            }
        }
        if (found == 0) {
            return null;
        }
        long until = found > 1 || failedHere.test(fresh.name()) ? longest : first;
        return new Effect.Hold(fresh.name(), fresh.endpoint(), by, until + moment, byHand);
    }

    /** Notes that a call of this node has reached a target. */
    synchronized void reachedHere(String target) {
        reached(target, null);
    }

    private void reached(String target, @Nullable Node reaching) {
        for (Node node : nodes.values()) {
            Told told = node == reaching ? null : node.targets.get(target);
            if (told != null) {
                told.refuted = true;
            }
        }
    }

    /** The other nodes of which something was heard of late, in the order in which they came. */
    synchronized Collection<Heard> heard(long now) {
        forgetGone(now);
        return nodes.entrySet().stream()
                .map(entry -> new Heard(entry.getValue().name, entry.getKey(), entry.getValue().heardAt))
                .toList();
    }

    private void forgetGone(long now) {
        nodes.values().removeIf(node -> now - node.heardAt > GONE_MILLIS);
    }
}
