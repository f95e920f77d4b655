package io.bactrian.runtime;

import io.bactrian.config.Config;
import io.bactrian.demo.DemoProviders;
import io.bactrian.health.Breakers;
import io.bactrian.health.TargetHealth;
import io.bactrian.page.Snapshots;
import io.bactrian.web.ChatEndpoints;
import io.bactrian.web.PageEndpoint;
import io.bactrian.web.PageFeed;
import io.bactrian.web.StatusEndpoints;
import java.util.Map;
import org.apache.camel.spi.Registry;
import org.jspecify.annotations.Nullable;

/** The beans of the live page in one generation. */
final class PageBeans implements GenerationPart {
    private final PageFeed feed;
    private final PageEndpoint page;

    /** @param demo the simulated providers; null if none run */
    PageBeans(
            Config config,
            SharedState state,
            Breakers breakers,
            TargetHealth health,
            ChatEndpoints endpoints,
            StatusEndpoints status,
            @Nullable DemoProviders demo) {
        Snapshots.Sources from = new Snapshots.Sources(
                config,
                health,
                breakers,
                state.healthBook,
                state.alertBook,
                state.latencies,
                state.keyPool,
                state.drills,
                state.meters,
                state.line,
                config.health().node(),
                config.alerts().cluster(),
                SharedState.version(),
                state.startedAt,
                endpoints::inFlight,
                () -> state.queueReports.of(config.queue()),
                demo == null ? Map::of : demo::faults);
        feed = new PageFeed(
                new Snapshots(from, state.page, state.clock),
                state.page,
                config.server().keys().size(),
                state.clock);
        page = new PageEndpoint(endpoints, status, feed, state.page.logins());
    }

    /** Binds the beans that {@code routes/page.camel.yaml} refers to. */
    void bind(Registry registry) {
        RouteBeans.bind(registry, "root", page::root);
        RouteBeans.bind(registry, "page-files", page::file);
        RouteBeans.bind(registry, "page-login", page::login);
        RouteBeans.bind(registry, "page-logout", page::logout);
        RouteBeans.bind(registry, "page-events", page::events);
    }

    /** Begins to take figures, and to send them. */
    @Override
    public void serve() {
        feed.start();
    }

    /** Ends the open pages. */
    @Override
    public void retire() {
        feed.end();
    }
}
