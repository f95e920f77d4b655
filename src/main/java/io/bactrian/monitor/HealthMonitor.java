package io.bactrian.monitor;

import io.bactrian.config.Chain;
import io.bactrian.config.Config;
import io.bactrian.config.HealthSettings;
import io.bactrian.config.Probe;
import io.bactrian.config.Service;
import io.bactrian.config.Target;
import io.bactrian.health.Breakers;
import io.bactrian.health.Cooldowns;
import io.bactrian.health.Drills;
import io.bactrian.health.HealthBook;
import io.bactrian.health.ProbeResult;
import io.bactrian.health.TargetLatencies;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.Usage;
import io.bactrian.request.Cancellation;
import io.bactrian.routing.ProbeCall;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The health monitor of one generation: starts the probes that are due, each on a thread of its own, and never waits for one.
 * Two generations never probe a target at the same time, because each probe is claimed in the {@link HealthBook}. Thread-safe.
 */
public final class HealthMonitor implements AutoCloseable {
    /** The most probes at once. */
    static final int MAX_AT_ONCE = 100;

    private static final Logger LOG = LoggerFactory.getLogger("bactrian.health");
    private static final long LATER_MILLIS = 10_000;

    private final HealthSettings settings;
    private final Config config;
    private final HealthBook book;
    private final Cooldowns cooldowns;
    private final Drills drills;
    private final TargetLatencies latencies;
    private final ProbeCall call;
    private final Consumer<ProbeResult> observer;
    private final Clock clock;
    private final List<Target> targets;
    private final List<Target> probed;
    private final Semaphore slots = new Semaphore(MAX_AT_ONCE);
    private final Set<Cancellation> running = ConcurrentHashMap.newKeySet();
    private final Set<String> faultsTold = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean budgetTold = new AtomicBoolean();
    private volatile boolean closed;
    private int next;

    /** @param observer is told of every probe that has ended */
    public HealthMonitor(
            Config config,
            HealthBook book,
            Cooldowns cooldowns,
            Drills drills,
            TargetLatencies latencies,
            ProbeCall call,
            Consumer<ProbeResult> observer,
            Clock clock) {
        this.settings = config.health();
        this.config = config;
        this.book = book;
        this.cooldowns = cooldowns;
        this.drills = drills;
        this.latencies = latencies;
        this.call = call;
        this.observer = observer;
        this.clock = clock;
        this.targets = List.copyOf(config.everyTarget().values());
        this.probed = settings.on()
                ? targets.stream()
                        .filter(target -> settings.probe(target) != Probe.PASSIVE && mayChat(target))
                        .toList()
                : List.of();
    }

    /** Lets this generation's configuration hold for what is known of targets. */
    public void serve(Breakers breakers) {
        book.follow(targets, probed, settings.period(), settings.budget(), breakers);
    }

    /** Starts the probes that are due. */
    public synchronized void probe() {
        int count = probed.size();
        for (int i = 0; i < count && !closed && slots.tryAcquire(); i++) {
            Target target = probed.get(next);
            next = (next + 1) % count;
            boolean started = false;
            try {
                if (isDue(target)) {
                    start(target);
                    started = true;
                }
            } finally {
                if (!started) {
                    slots.release();
                }
            }
        }
    }

    /** Starts a probe; without a thread for it, its claim goes back. */
    private void start(Target target) {
        try {
            Thread.ofVirtual().name("probe-" + target.name()).start(() -> run(target));
        } catch (RuntimeException | Error e) {
            book.postpone(target, clock.millis() + LATER_MILLIS);
            throw e;
        }
    }

    /** Whether a target may be a model that chats: not if its name says otherwise, or only the chain for vectors has it. */
    private boolean mayChat(Target target) {
        boolean elsewhere = config.targets().containsKey(target.name())
                || config.chains().values().stream()
                        .filter(chain -> !chain.name().equals(Service.EMBEDDINGS.label()))
                        .anyMatch(chain -> has(chain, target));
        return elsewhere && !target.model().toLowerCase(Locale.ROOT).contains("embed");
    }

    private static boolean has(Chain chain, Target target) {
        return chain.candidates().stream()
                .anyMatch(entry -> entry.target().name().equals(target.name()));
    }

    private boolean isDue(Target target) {
        if (!book.claimProbe(target)) {
            return false;
        }
        long now = clock.millis();
        Cooldowns.Cooldown rest = cooldowns.of(target, now);
        if (rest != null && !rest.type().isLasting()) {
            // The provider has said when it may be asked again.
            book.postpone(target, rest.until());
        } else if (drills.of(target, now) != null || isForVectors(target)) {
            book.postpone(target, now + settings.period().toMillis());
        } else if (!isFree(target) && !book.affords(target)) {
            tellOfBudget();
            book.postpone(target, now + LATER_MILLIS);
        } else {
            return true;
        }
        return false;
    }

    /** A model that callers have asked for vectors only does not chat. */
    private boolean isForVectors(Target target) {
        return !latencies.isKnown(target) && latencies.isKnown(target.at(Service.EMBEDDINGS));
    }

    private boolean isFree(Target target) {
        return settings.probe(target) == Probe.MODELS || ProbeCost.isFree(target, config.demo());
    }

    private void tellOfBudget() {
        if (budgetTold.compareAndSet(false, true)) {
            LOG.warn(
                    "Probes have reached bactrian.health.budget = {} dollars a day; they are made less often from now on."
                            + " Raise it, or set probe = models or passive for some targets",
                    settings.budget());
        }
    }

    private void run(Target target) {
        Cancellation cancellation = new Cancellation();
        running.add(cancellation);
        try {
            if (closed) {
                cancellation.cancel();
            }
            end(target, call.ask(target, settings.probe(target), cancellation));
        } catch (RuntimeException | Error e) {
            // The claim goes back whatever has happened: a target that is never probed again would stay down.
            LOG.warn("A probe of {} could not be made: {}", target.name(), e.toString());
            book.postpone(target, clock.millis() + settings.period().toMillis());
        } finally {
            running.remove(cancellation);
            slots.release();
        }
    }

    private void end(Target target, ProbeCall.Result result) {
        Failure failure = result.failure();
        if (failure != null && failure.type() == FailureClass.CANCELLED) {
            book.postpone(target, clock.millis());
            return;
        }
        if (failure != null && (failure.type() == FailureClass.CIRCUIT_OPEN || failure.isOwn())) {
            // No call was made.
            book.postpone(target, clock.millis() + settings.period().toMillis());
            return;
        }
        Usage usage = result.usage();
        double dollars = ProbeCost.of(target, usage);
        if (!isFree(target)) {
            book.spend(ProbeCost.assumed(target, usage, failure));
        }
        ProbeResult probe = new ProbeResult(
                target,
                settings.probe(target) == Probe.CHAT,
                failure,
                result.millis(),
                usage == null ? 0 : usage.prompt(),
                usage == null ? 0 : usage.completion(),
                dollars);
        book.probed(probe, result.anotherKey());
        observer.accept(probe);
        if (failure == null) {
            faultsTold.remove(target.name());
        } else if (failure.isRefusal() && faultsTold.add(target.name())) {
            LOG.warn("{}", advice(target, failure));
        }
    }

    /** The target is alive, and the probe at fault: what to set so that it passes. */
    private String advice(Target target, Failure failure) {
        Map<String, Target> named = config.targets();
        String key = named.containsKey(target.name())
                ? "bactrian.targets." + target.name() + "."
                : "bactrian.providers." + target.provider().name() + ".";
        boolean mayThink = settings.probe(target) == Probe.CHAT && !target.thinks();
        String thinks = named.containsKey(target.name()) && mayThink ? key + "thinks = true, or " : "";
        String other = settings.probe(target) == Probe.MODELS ? "chat" : "models";
        return "The probe of %s was refused: %s (status %d). The target counts as alive; set %s%sprobe = %s or passive"
                .formatted(target.name(), failure.type(), failure.status(), thinks, key, other);
    }

    /** Ends the probes that are running, and starts no more. */
    @Override
    public void close() {
        closed = true;
        running.forEach(Cancellation::cancel);
    }
}
