package io.bactrian.cluster;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node among the others: takes in what they report, and keeps what was told of this one. Outlives generations. Thread-safe.
 */
public final class Cluster {
    private static final Logger LOG = LoggerFactory.getLogger("bactrian.nodes");
    private static final int BOOT_BYTES = 8;
    private static final int MAX_WARNED = 100;
    /** The least time by which a node comes later than one that has opened a breaker, and what is added to it at random. */
    private static final int LEAST_MOMENT = 500;

    private static final int MORE_MOMENT = 1_500;

    private final Clock clock;
    private final String boot;
    private final OtherNodes others;
    private final Set<String> warned = new HashSet<>();
    private final AtomicBoolean newcomer = new AtomicBoolean();
    private long sequence;
    private Map<String, SharedTarget> told = new HashMap<>();
    private volatile @Nullable ServedTargets served;
    private volatile @Nullable Runnable reporter;

    public Cluster(Clock clock) {
        SecureRandom random = new SecureRandom();
        byte[] bytes = new byte[BOOT_BYTES];
        random.nextBytes(bytes);
        this.clock = clock;
        this.boot = HexFormat.of().formatHex(bytes);
        this.others = new OtherNodes(boot, LEAST_MOMENT + random.nextInt(MORE_MOMENT));
    }

    /** Another node of which something was heard of late, and how long ago. */
    public record Peer(String node, String boot, long heardMillisAgo) {}

    /** Has what is reported and applied concern these targets from now on. */
    synchronized void serve(ServedTargets now, Runnable news) {
        served = now;
        reporter = news;
        news.run();
    }

    /** Ends the reports of a generation, unless another has taken over. */
    synchronized void leave(Runnable news) {
        if (reporter == news) {
            reporter = null;
            served = null;
        }
    }

    /** Notes that a breaker or a cooldown has changed. Returns at once: on the path of requests whose calls fail. */
    public void changed() {
        Runnable listening = reporter;
        if (listening != null) {
            listening.run();
        }
    }

    /** True if another node has come since the last time; it has to hear of everything. */
    boolean takeNewcomer() {
        return newcomer.getAndSet(false);
    }

    /** Takes in a message of the topic. Never fails: what is no report is said once for each node. */
    public void receive(@Nullable String json) {
        long now = clock.millis();
        NodeReport report;
        try {
            report = NodeReport.read(json, now);
        } catch (IllegalArgumentException e) {
            warn(e.getMessage());
            return;
        }
        ServedTargets targets = served;
        if (report != null && targets != null) {
            if (others.isNew(report, now)) {
                newcomer.set(true);
                changed();
            }
            for (Effect effect : others.apply(report, now, targets::isOpenByItself)) {
                targets.apply(effect, now);
            }
        }
    }

    private synchronized void warn(@Nullable String reason) {
        String why = String.valueOf(reason);
        if (warned.size() < MAX_WARNED && warned.add(why)) {
            LOG.warn(
                    "A message on the topic llm.health is no report of a node and is ignored: {}. This is said once",
                    why);
        }
    }

    /**
     * The report of what has changed since the last one that was told; null if nothing has.
     *
     * @param complete whether to report every target that is not well, changed or not
     */
    synchronized @Nullable Draft draft(String node, boolean complete) {
        ServedTargets targets = served;
        if (targets == null) {
            return null;
        }
        long now = clock.millis();
        Map<String, SharedTarget> unwell = targets.unwell(now);
        List<SharedTarget> news = new ArrayList<>();
        unwell.forEach((name, target) -> {
            if (!target.equals(told.get(name))) {
                news.add(target);
            }
        });
        told.forEach((name, target) -> {
            SharedTarget fresh = unwell.get(name);
            if (fresh == null) {
                news.add(target.well());
            }
            if (target.breaker() != SharedTarget.Breaker.CLOSED
                    && (fresh == null || fresh.breaker() == SharedTarget.Breaker.CLOSED)) {
                others.reachedHere(name);
            }
        });
        if (news.isEmpty() && !complete) {
            return null;
        }
        List<SharedTarget> all = complete ? List.copyOf(unwell.values()) : news;
        return new Draft(new NodeReport(node, boot, ++sequence, complete, all).json(now), unwell);
    }

    /** Notes that a report has been sent. */
    synchronized void sent(Draft draft) {
        told = draft.unwell();
    }

    /** A report to be sent, and the targets that are not well at its time. */
    record Draft(String json, Map<String, SharedTarget> unwell) {}

    /** The other nodes of which something was heard in the last 90 s. */
    public Collection<Peer> peers() {
        long now = clock.millis();
        return others.heard(now).stream()
                .map(heard -> new Peer(heard.node(), heard.boot(), Math.max(0, now - heard.at())))
                .toList();
    }
}
