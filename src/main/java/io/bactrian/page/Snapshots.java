package io.bactrian.page;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.alert.Alert;
import io.bactrian.alert.AlertBook;
import io.bactrian.config.Chain;
import io.bactrian.config.Config;
import io.bactrian.config.Target;
import io.bactrian.health.Breakers;
import io.bactrian.health.Drills;
import io.bactrian.health.HealthBook;
import io.bactrian.health.KeyPool;
import io.bactrian.health.TargetLatencies;
import io.bactrian.metrics.Meters;
import io.bactrian.metrics.QueueReport;
import io.bactrian.policy.Availability;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.Json;
import io.bactrian.routing.CallerScope;
import io.bactrian.routing.WaitingLine;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The documents of the live page, from what the parts of the gateway know now. Callers that are limited to certain chains get
 * documents about these chains only. Thread-safe.
 */
public final class Snapshots {
    private static final long DAY_MILLIS = 86_400_000;
    private static final int RATE_SECONDS = 5;

    /** What a key of an alert has behind the name of its target or chain. */
    private static final Pattern ASPECT = Pattern.compile("/(?:breaker|last|share|slow)$");

    private final Sources from;
    private final PageState state;
    private final Clock clock;
    private final TargetDocument targetDocument;
    private final Map<String, Target> targets;

    /**
     * The sources of the figures.
     *
     * @param node the name of this node
     * @param cluster the name of the cluster
     * @param startedAt epoch milliseconds
     * @param inFlight the chat requests in flight
     * @param queue the state of the queue; empty if it is off
     * @param faults the faults of simulated providers by the provider's name, {@code off} for none; empty if none run
     */
    public record Sources(
            Config config,
            Availability availability,
            Breakers breakers,
            HealthBook health,
            AlertBook alerts,
            TargetLatencies latencies,
            KeyPool keyPool,
            Drills drills,
            Meters meters,
            WaitingLine line,
            String node,
            String cluster,
            String version,
            long startedAt,
            IntSupplier inFlight,
            Supplier<Optional<QueueReport>> queue,
            Supplier<Map<String, String>> faults) {}

    public Snapshots(Sources from, PageState state, Clock clock) {
        this.from = from;
        this.state = state;
        this.clock = clock;
        this.targetDocument = new TargetDocument(from, state.traffic());
        this.targets = from.config().everyTarget();
        state.traffic().keep(from.config().chains().keySet(), targets.keySet());
    }

    /** Notes the figures of this second, and makes events of what has changed since the last. */
    public void sample() {
        long now = clock.millis();
        state.traffic().sample(now);
        state.history().sample(targets.values(), from.latencies(), now);
        state.traffic().cost().today(targets.values(), this::dollars, now);
        for (Target target : targets.values()) {
            targetDocument.noteState(target, now);
            TargetTraffic traffic = state.traffic().of(target);
            String breaker = targetDocument.breaker(target);
            String before = traffic.breaker(breaker);
            if (before == null ? !breaker.equals("CLOSED") : !before.equals(breaker)) {
                String word = breaker.toLowerCase(Locale.ROOT).replace('_', '-');
                state.events().add(PageEvent.of(now, PageEvent.Kind.BREAKER, target.name(), "breaker " + word));
            }
        }
        noteAlerts(now);
    }

    private void noteAlerts(long now) {
        List<Alert> open = from.alerts().open();
        Set<String> ids = new HashSet<>();
        open.forEach(alert -> ids.add(alert.id()));
        Set<String> before = state.alerts(ids);
        for (Alert alert : open) {
            if (!before.contains(alert.id())) {
                state.events().add(of(alert, now, alert.text()));
            }
        }
        for (Alert alert : from.alerts().resolved()) {
            if (before.contains(alert.id()) && !ids.contains(alert.id())) {
                state.events().add(of(alert, now, "resolved: " + alert.text()));
            }
        }
    }

    private static PageEvent of(Alert alert, long now, String text) {
        return new PageEvent(
                now,
                PageEvent.Kind.ALERT,
                null,
                "",
                subject(alert, "chain/"),
                subject(alert, "target/"),
                null,
                null,
                null,
                text,
                List.of(),
                0);
    }

    /** The name that an alert's key has after its kind, and before its aspect if it has one; null if it is of another kind. */
    private static @Nullable String subject(Alert alert, String kind) {
        return alert.key().startsWith(kind)
                ? ASPECT.matcher(alert.key().substring(kind.length())).replaceFirst("")
                : null;
    }

    /** A snapshot for callers of a scope. It lacks what differs between callers of one scope. */
    public ObjectNode snapshot(CallerScope scope) {
        long now = clock.millis();
        ObjectNode out = Json.MAPPER
                .createObjectNode()
                .put("time", Instant.ofEpochMilli(now).toString())
                .put("node", from.node())
                .put("cluster", from.cluster())
                .put("version", from.version())
                .put("uptimeSeconds", (now - from.startedAt()) / 1000)
                .put("demo", from.config().demo());
        List<Target> seen = targets(scope);
        totals(out.putObject("totals"), scope, now);
        Map<String, String> faults = from.faults().get();
        ObjectNode all = out.putObject("targets");
        for (Target target : seen) {
            all.set(target.name(), targetDocument.of(target, faults, now));
        }
        ArrayNode chains = out.putArray("chains");
        scope.chains().forEach(chain -> chain(chains.addObject(), chain, scope, now));
        classes(out.putArray("classes"), seen);
        alerts(out.putObject("alerts"), scope, now);
        if (!scope.isLimited()) {
            from.queue().get().ifPresent(queue -> out.set("queue", queue.json()));
        }
        return out;
    }

    private List<Target> targets(CallerScope scope) {
        Set<String> names = scope.targets();
        return targets.values().stream().filter(t -> names.contains(t.name())).toList();
    }

    private Collection<ChainTraffic> traffic(CallerScope scope) {
        return scope.isLimited()
                ? scope.chains().stream()
                        .map(chain -> state.traffic().chain(chain.name()))
                        .toList()
                : state.traffic().chains();
    }

    private void totals(ObjectNode out, CallerScope scope, long now) {
        long requests = 0;
        long latelyFallenBack = 0;
        long answered = 0;
        long failed = 0;
        long fallbacks = 0;
        for (ChainTraffic chain : traffic(scope)) {
            requests += chain.requests.growth(RATE_SECONDS);
            latelyFallenBack += chain.fallbacks.growth(RATE_SECONDS);
            answered += chain.answered.growth(Traffic.SECONDS);
            failed += chain.failed.growth(Traffic.SECONDS);
            fallbacks += chain.fallbacks.growth(Traffic.SECONDS);
        }
        boolean limited = scope.isLimited();
        DailyCost cost = state.traffic().cost();
        Double dollars = limited ? null : cost.today(targets.values(), this::dollars, now);
        out.put("requestsPerSecond", (double) requests / RATE_SECONDS)
                .put("answeredShare", share(answered, answered + failed))
                .put("fallbackShare", share(fallbacks, answered))
                .put("dollarsToday", dollars)
                .put("probeDollarsToday", dollars == null ? null : (Double) cost.probes(now))
                .put("fallbacksPerSecond", (double) latelyFallenBack / RATE_SECONDS)
                .put("inFlight", limited ? inFlight(scope) : from.inFlight().getAsInt())
                .put("waiting", limited ? 0 : from.line().length());
    }

    private int inFlight(CallerScope scope) {
        return targets(scope).stream().mapToInt(from.latencies()::inFlight).sum();
    }

    private static @Nullable Double share(long part, long all) {
        return all == 0 ? null : (Double) ((double) part / all);
    }

    private void chain(ObjectNode out, Chain chain, CallerScope scope, long now) {
        ChainTraffic traffic = state.traffic().chain(chain.name());
        out.put("name", chain.name())
                .put("order", chain.order().name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .put("requestsPerSecond", (double) traffic.requests.growth(RATE_SECONDS) / RATE_SECONDS);
        RecentTimes.Quantiles first = traffic.firstContent.quantiles(now);
        if (first == null) {
            out.putNull("firstTokenMs");
        } else {
            out.putObject("firstTokenMs").put("p50", first.p50()).put("p95", first.p95());
        }
        ArrayNode steps = out.putArray("steps");
        for (Chain.Step step : chain.steps()) {
            if (step instanceof Chain.Group group) {
                ObjectNode one =
                        steps.addObject().put("kind", group.kind().name().toLowerCase(Locale.ROOT));
                ArrayNode members = one.putArray("members");
                for (Chain.Member member : group.members()) {
                    String name = member.entry().target().name();
                    members.addObject()
                            .put("target", name)
                            .put("weight", group.kind() == Chain.Kind.BALANCE ? (Double) member.weight() : null)
                            .put("share", traffic.share(name));
                }
            } else {
                step.candidates().forEach(entry -> steps.addObject()
                        .put("kind", "target")
                        .put("target", entry.target().name())
                        .put("share", traffic.share(entry.target().name())));
            }
        }
        for (Chain.LastResort lastResort : chain.lastResorts()) {
            switch (lastResort) {
                case Chain.LastResort.Stale stale ->
                    steps.addObject().put("kind", "stale").put("share", traffic.share("stale"));
                case Chain.LastResort.Static fixed ->
                    steps.addObject()
                            .put("kind", "static")
                            .put("name", fixed.name())
                            .put("share", traffic.share("static:" + fixed.name()));
            }
        }
        String last = traffic.lastAnswer();
        out.put("answers", isHidden(scope, last) ? null : last);
    }

    private void classes(ArrayNode out, Collection<Target> seen) {
        record Row(FailureClass type, long count) {}
        List<Row> rows = new ArrayList<>();
        for (FailureClass type : FailureClass.values()) {
            long count = seen.stream()
                    .mapToLong(target -> state.traffic().of(target).failures(type))
                    .sum();
            if (count > 0) {
                rows.add(new Row(type, count));
            }
        }
        rows.sort((a, b) -> Long.compare(b.count(), a.count()));
        rows.forEach(row -> out.addObject().put("class", row.type().name()).put("count", row.count()));
    }

    private void alerts(ObjectNode out, CallerScope scope, long now) {
        ArrayNode open = out.putArray("open");
        List<Alert> visible = from.alerts().open().stream()
                .filter(alert -> sees(scope, alert))
                .toList();
        Set<String> seen = new HashSet<>();
        visible.forEach(alert -> seen.add(alert.key()));
        for (Alert alert : visible) {
            open.addObject()
                    .put("id", alert.id())
                    .put("key", alert.key())
                    .put("severity", alert.severity().name().toLowerCase(Locale.ROOT))
                    .put("text", text(scope, subject(alert, "chain/"), alert.text()))
                    .put("since", Instant.ofEpochMilli(alert.since()).toString())
                    .put("times", alert.times())
                    .put(
                            "inhibitedBy",
                            scope.isLimited() && !seen.contains(alert.inhibitedBy()) ? null : alert.inhibitedBy());
        }
        long midnight = now - Math.floorMod(now, DAY_MILLIS);
        out.put(
                "resolvedToday",
                from.alerts().resolved().stream()
                        .filter(alert -> alert.resolvedAt() != null && alert.resolvedAt() >= midnight)
                        .filter(alert -> sees(scope, alert))
                        .count());
    }

    /** True if callers of a scope may see an alert. */
    public static boolean sees(CallerScope scope, Alert alert) {
        return sees(scope, subject(alert, "chain/"), subject(alert, "target/"));
    }

    private static boolean sees(CallerScope scope, @Nullable String chain, @Nullable String target) {
        return !scope.isLimited()
                || (chain != null && scope.models().contains(chain))
                || (chain == null && target != null && scope.targets().contains(target));
    }

    /** The text of an alert as callers of a scope may read it. */
    public static String text(CallerScope scope, Alert alert) {
        return text(scope, subject(alert, "chain/"), alert.text());
    }

    /**
     * The text of an alert as callers of a scope may read it. That of an alert about a target goes on, behind its first sentence,
     * with targets and chains that limited ones do not know of.
     *
     * @param chain the chain that the alert is about; null if it is about none
     */
    private static String text(CallerScope scope, @Nullable String chain, String text) {
        int end = text.indexOf(". ");
        return scope.isLimited() && chain == null && end >= 0 ? text.substring(0, end + 1) : text;
    }

    /** The last ten minutes, and the last events. */
    public ObjectNode history(CallerScope scope) {
        long step = clock.millis() / 1000 / TimeHistory.STEP_SECONDS - 1;
        ObjectNode out = Json.MAPPER
                .createObjectNode()
                .put("from", (step - TimeHistory.POINTS + 1) * TimeHistory.STEP_SECONDS)
                .put("step", TimeHistory.STEP_SECONDS);
        ArrayNode requests = out.putArray("requests");
        ArrayNode fallbacks = out.putArray("fallbacks");
        Collection<ChainTraffic> chains = traffic(scope);
        for (long at = step - TimeHistory.POINTS + 1; at <= step; at++) {
            long begin = at * TimeHistory.STEP_SECONDS;
            long end = begin + TimeHistory.STEP_SECONDS;
            requests.add(rate(chains.stream()
                    .mapToLong(c -> c.requests.growth(begin, end))
                    .sum()));
            fallbacks.add(rate(chains.stream()
                    .mapToLong(c -> c.fallbacks.growth(begin, end))
                    .sum()));
        }
        ObjectNode byChain = out.putObject("chains");
        scope.chains().forEach(chain -> {
            ArrayNode rates = byChain.putArray(chain.name());
            WindowCounter counter = state.traffic().chain(chain.name()).requests;
            for (long at = step - TimeHistory.POINTS + 1; at <= step; at++) {
                long begin = at * TimeHistory.STEP_SECONDS;
                rates.add(rate(counter.growth(begin, begin + TimeHistory.STEP_SECONDS)));
            }
        });
        state.history().add(out.putObject("firstToken"), scope.targets(), step);
        ArrayNode events = out.putArray("events");
        state.events().all().forEach(event -> {
            ObjectNode json = event(scope, event);
            if (json != null) {
                events.add(json);
            }
        });
        return out;
    }

    private static double rate(long requests) {
        return (double) requests / TimeHistory.STEP_SECONDS;
    }

    /** The events after one, the oldest first, as far as callers of a scope may see them. */
    public List<ObjectNode> events(CallerScope scope, long afterId) {
        List<ObjectNode> out = new ArrayList<>();
        for (RecentEvents.Numbered event : state.events().after(afterId)) {
            ObjectNode json = event(scope, event);
            if (json != null) {
                out.add(json);
            }
        }
        return out;
    }

    /** The event as callers of a scope see it; null if they do not. Limited ones see only their own requests' ids. */
    private static @Nullable ObjectNode event(CallerScope scope, RecentEvents.Numbered numbered) {
        PageEvent event = shown(scope, numbered.event());
        boolean operators = event.kind() == PageEvent.Kind.OPERATOR && scope.isLimited();
        if (operators || !sees(scope, event.chain(), event.from())) {
            return null;
        }
        ObjectNode json =
                event.json(numbered.id(), !scope.isLimited() || event.caller().equals(scope.caller()));
        return event.kind() == PageEvent.Kind.ALERT ? json.put("text", text(scope, event.chain(), event.text())) : json;
    }

    /** The event without targets that callers of a scope do not know of: another caller's {@code fallbacks} can name any. */
    private static PageEvent shown(CallerScope scope, PageEvent event) {
        boolean hidden = event.chain() != null
                && (isHidden(scope, event.from())
                        || isHidden(scope, event.to())
                        || event.trail().stream().anyMatch(call -> isHidden(scope, call.target())));
        return hidden ? event.within(name -> !isHidden(scope, name)) : event;
    }

    /** True if callers of a scope may not see a target; what answers in the place of one is for everyone who sees the chain. */
    private static boolean isHidden(CallerScope scope, @Nullable String target) {
        return scope.isLimited()
                && target != null
                && !target.isEmpty()
                && !target.equals("stale")
                && !target.startsWith("static:")
                && !scope.targets().contains(target);
    }

    private double dollars(Target target) {
        return from.meters().of(target).dollars();
    }
}
