package io.bactrian.runtime;

import io.bactrian.alert.AlertBook;
import io.bactrian.alert.AlertCounters;
import io.bactrian.broker.Brokers;
import io.bactrian.channel.Outboxes;
import io.bactrian.cluster.Cluster;
import io.bactrian.health.ConnectionPermits;
import io.bactrian.health.Cooldowns;
import io.bactrian.health.Drills;
import io.bactrian.health.HealthBook;
import io.bactrian.health.KeyPool;
import io.bactrian.health.TargetLatencies;
import io.bactrian.health.TargetStores;
import io.bactrian.lastresort.AnswerStores;
import io.bactrian.metrics.BoundCounters;
import io.bactrian.metrics.Exposition;
import io.bactrian.metrics.LiveState;
import io.bactrian.metrics.Meters;
import io.bactrian.metrics.SharedLimitCounters;
import io.bactrian.page.PageState;
import io.bactrian.provider.AnswerMemory;
import io.bactrian.provider.MissingCapabilities;
import io.bactrian.provider.Watchdog;
import io.bactrian.queue.AnswerLedgers;
import io.bactrian.queue.QueueState;
import io.bactrian.quota.Quotas;
import io.bactrian.request.Stopping;
import io.bactrian.routing.AnswerSteps;
import io.bactrian.routing.WaitingLine;
import io.bactrian.selection.Balance;
import io.bactrian.selection.HedgeShare;
import io.bactrian.trace.Traces;
import io.bactrian.web.BodiesInFlight;
import io.bactrian.web.CallerBudgets;
import io.bactrian.web.InFlightLimit;
import io.bactrian.web.ReloadStatus;
import java.nio.file.Path;
import java.time.Clock;
import java.util.function.Function;

/**
 * The state that all generations share: what was learned about targets and callers, meters and stores, whatever the
 * current configuration. Thread-safe.
 */
final class SharedState implements AutoCloseable {
    final Clock clock;
    final Protocols protocols;
    final Cluster cluster;
    final Cooldowns cooldowns;
    final KeyPool keyPool;
    final TargetLatencies latencies;
    final Drills drills = new Drills();
    final TargetStores known = new TargetStores();
    final MissingCapabilities missing = new MissingCapabilities(known);
    final ConnectionPermits permits = new ConnectionPermits();
    final Watchdog watchdog;
    final Exposition exposition = new Exposition();
    final Meters meters;
    final BoundCounters bounds;
    final HealthBook healthBook;
    final AlertBook alertBook = new AlertBook();
    final AlertCounters alertCounters;
    final Outboxes outboxes;
    final WaitingLine line = new WaitingLine();
    final Balance balance = new Balance();
    final HedgeShare hedges = new HedgeShare();
    final AnswerStores stores;
    final Quotas quotas;
    final CallerBudgets budgets;

    final Brokers brokers;
    final AnswerLedgers ledgers;
    final QueueState queue;
    final QueueReports queueReports;
    final PageState page;
    final InFlightLimit inFlight = new InFlightLimit();
    final BodiesInFlight bodies = new BodiesInFlight();
    final AnswerMemory answerMemory = AnswerMemory.ofHeap(2L * AnswerSteps.MAX_DOCUMENT_BYTES);
    final long startedAt;
    final Stopping stopping = new Stopping();
    final ReloadStatus reloadStatus;
    final Traces traces;

    SharedState(Clock clock, Function<Clock, Protocols> protocols, Traces traces, Path directory) {
        this.clock = clock;
        this.traces = traces;
        this.brokers = new Brokers(directory);
        this.ledgers = new AnswerLedgers(directory, clock);
        this.queue = new QueueState(clock);
        this.queueReports = new QueueReports(brokers, queue.figures());
        cluster = new Cluster(clock);
        cooldowns = new Cooldowns(known, cluster::changed);
        keyPool = new KeyPool(known, cooldowns);
        this.protocols = protocols.apply(clock);
        latencies = new TargetLatencies(known, clock);
        watchdog = new Watchdog(clock);
        quotas = new Quotas(clock, new SharedLimitCounters(exposition.registry())::count);
        budgets = new CallerBudgets(quotas);
        meters = new Meters(exposition.registry(), clock);
        meters.watch(keyPool);
        bounds = new BoundCounters(exposition.registry());
        healthBook = new HealthBook(clock);
        alertCounters = new AlertCounters(clock);
        outboxes = new Outboxes(clock);
        exposition.watch(
                new LiveState(
                        cooldowns,
                        keyPool,
                        latencies,
                        target -> healthBook.of(target).state(),
                        alertBook::open,
                        inFlight::byDoor,
                        line::length,
                        queueReports::of),
                version(),
                clock);
        stores = new AnswerStores(clock, meters::notKept);
        page = new PageState(clock);
        startedAt = clock.millis();
        reloadStatus = new ReloadStatus(startedAt);
    }

    /** The version of the gateway; {@code unknown} if it does not run from a jar. */
    static String version() {
        String version = SharedState.class.getPackage().getImplementationVersion();
        return version == null ? "unknown" : version;
    }

    @Override
    public void close() {
        watchdog.close();
        queue.close();
        brokers.close();
        ledgers.close();
        stores.close();
        quotas.close();
        traces.close();
        exposition.close();
    }
}
