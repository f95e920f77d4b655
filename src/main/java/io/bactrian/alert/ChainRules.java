package io.bactrian.alert;

import io.bactrian.alert.Observation.ChainView;
import io.bactrian.alert.Observation.Fallback;
import io.bactrian.alert.Observation.TargetView;
import io.bactrian.health.HealthState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** The rules about chains: no target can answer, one target is left, many requests fall back. Stateless. */
final class ChainRules implements Rule {
    private static final int FAILURES_IN_A_ROW = 3;
    private static final long STILL_FAILING = Duration.ofMinutes(1).toMillis();
    /** As long as fallbacks of an outage count as those of now, and a minute more. */
    private static final long BACK_OF_LATE = Duration.ofMinutes(3).toMillis();

    private static final int FEWEST_REQUESTS = 20;
    private static final double MANY = 0.2;
    private static final double FEW = 0.1;

    @Override
    public void check(Observation seen, Consumer<Condition> conditions) {
        for (ChainView chain : seen.chains()) {
            down(seen, chain, conditions);
            lastTarget(seen, chain, conditions);
            share(seen, chain, conditions);
        }
    }

    private static void down(Observation seen, ChainView chain, Consumer<Condition> conditions) {
        List<TargetView> targets = targets(seen, chain);
        boolean away = !targets.isEmpty() && targets.stream().noneMatch(TargetView::well);
        boolean failing = chain.failedInARow() >= FAILURES_IN_A_ROW && seen.now() - chain.failedAt() < STILL_FAILING;
        if (!away && !failing) {
            return;
        }
        String causes = targets.stream()
                .filter(target -> !target.well() || target.failure() != null)
                .limit(4)
                .map(target -> target.name() + " (" + target.trouble() + ")")
                .collect(Collectors.joining(", "));
        String text =
                "No target of chain %s can answer%s%s. %s Check the status pages of the providers and the network of this"
                                .formatted(
                                        chain.name(),
                                        since(seen, chain, targets),
                                        causes.isEmpty() ? "" : ": " + causes,
                                        callers(seen, chain, targets))
                        + " machine; a chain over more than one provider survives the outage of one.";
        boolean drill = targets.stream().anyMatch(target -> target.drilled() && !target.well());
        conditions.accept(Condition.of(AlertKind.CHAIN_DOWN, chain.name(), text)
                .silencing(drill ? Set.of() : silenced(chain, targets))
                .inDrill(drill));
    }

    private static String since(Observation seen, ChainView chain, List<TargetView> targets) {
        long since = chain.failingSince() > 0
                ? chain.failingSince()
                : targets.stream().mapToLong(ChainRules::awaySince).max().orElse(0);
        return since == 0 ? "" : " since " + AlertWords.at(since, seen.now());
    }

    private static long awaySince(TargetView target) {
        Long notClosed = target.notClosedSince();
        return target.down() ? target.health().since() : notClosed == null ? 0 : notClosed;
    }

    private static String callers(Observation seen, ChainView chain, List<TargetView> targets) {
        if (!chain.lastResorts().isEmpty()) {
            return "Callers get the answer of a last resort (" + String.join(", ", chain.lastResorts()) + ") or 503.";
        }
        long back = targets.stream()
                .mapToLong(TargetView::backAt)
                .filter(at -> at > seen.now())
                .min()
                .orElse(0);
        return back == 0
                ? "Callers get 503."
                : "Callers get 503; the next call is tried at " + AlertWords.at(back, seen.now()) + ".";
    }

    private static Set<String> silenced(ChainView chain, List<TargetView> targets) {
        Set<String> keys = new LinkedHashSet<>();
        keys.add(AlertKind.LAST_TARGET.key(chain.name()));
        keys.add(AlertKind.FALLBACK_SHARE.key(chain.name()));
        targets.forEach(target -> {
            keys.add(AlertKind.TARGET_DOWN.key(target.name()));
            keys.add(AlertKind.BREAKER_OPEN.key(target.name()));
            keys.add(AlertKind.PROVIDER_DOWN.key(target.provider()));
        });
        return keys;
    }

    private static void lastTarget(Observation seen, ChainView chain, Consumer<Condition> conditions) {
        List<TargetView> targets = targets(seen, chain);
        List<TargetView> well = seen.well(chain);
        if (targets.size() < 2 || well.size() > 1) {
            return;
        }
        String left = well.isEmpty() ? "none" : well.getFirst().name();
        String away = targets.stream()
                .filter(target -> !target.well())
                .map(target -> target.name() + " (" + target.trouble() + ")")
                .collect(Collectors.joining(", "));
        String text =
                "Chain %s has one target left: %s. Away: %s. If it fails too, callers get errors. Repair one of the others, or add a target of another provider to the chain."
                        .formatted(chain.name(), left, away);
        conditions.accept(Condition.of(AlertKind.LAST_TARGET, chain.name(), text)
                .onlyKeeps(well.isEmpty())
                .inDrill(targets.stream().anyMatch(target -> target.drilled() && !target.well())));
    }

    private static void share(Observation seen, ChainView chain, Consumer<Condition> conditions) {
        if (chain.requests() < FEWEST_REQUESTS || chain.fallbacks() < FEW * chain.requests()) {
            return;
        }
        Fallback most = chain.mostFrequent();
        List<String> sentences = new ArrayList<>();
        sentences.add("%d %% of the requests of chain %s fell back within ten minutes (%d of %d)."
                .formatted(
                        Math.round(100.0 * chain.fallbacks() / chain.requests()),
                        chain.name(),
                        chain.fallbacks(),
                        chain.requests()));
        if (most != null) {
            sentences.add(
                    "Most of them went from %s to %s because of %s.".formatted(most.from(), most.to(), most.reason()));
        }
        sentences.add("Callers get answers, later or of another model. If it stays so, put another target first.");
        conditions.accept(Condition.of(AlertKind.FALLBACK_SHARE, chain.name(), String.join(" ", sentences))
                .onlyKeeps(chain.fallbacks() <= MANY * chain.requests()
                        || chain.shareNow() <= MANY
                        || isBackOfLate(seen, chain)));
    }

    /** Whether the first target has just come back, so that the fallbacks of the last minutes have been told of as its outage. */
    private static boolean isBackOfLate(Observation seen, ChainView chain) {
        TargetView first =
                chain.targets().isEmpty() ? null : seen.target(chain.targets().getFirst());
        return first != null
                && first.health().state() == HealthState.UP
                && first.health().since() <= seen.now()
                && seen.now() - first.health().since() < BACK_OF_LATE;
    }

    private static List<TargetView> targets(Observation seen, ChainView chain) {
        return chain.targets().stream()
                .map(seen::target)
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .toList();
    }
}
