package io.bactrian.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.page.PageState;
import io.bactrian.page.Snapshots;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.routing.CallerScope;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Clock;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The feed of the live page under one configuration: takes the figures of each second, and sends open pages a snapshot each
 * second and events as they come. A snapshot is made once for all pages that may see the same. Thread-safe.
 */
public final class PageFeed {
    private static final Logger LOG = LoggerFactory.getLogger(PageFeed.class);
    private static final long KEEP_ALIVE_MILLIS = 15_000;
    private static final long DROP_AFTER_MILLIS = 10_000;
    private static final int PER_SECOND = 5;

    private final Snapshots snapshots;
    private final PageState state;
    private final int keys;
    private final Clock clock;
    private final Map<PageStream, Viewer> pages = new ConcurrentHashMap<>();
    private final CountDownLatch ended = new CountDownLatch(1);

    /** The viewer of a page, and the last event that it has been sent. Used by the thread of the feed. */
    private static final class Viewer {
        final CallerScope scope;
        final BooleanSupplier admitted;
        long sent;

        Viewer(CallerScope scope, BooleanSupplier admitted, long sent) {
            this.scope = scope;
            this.admitted = admitted;
            this.sent = sent;
        }
    }

    /** @param keys the number of callers' keys; 0 if callers need none */
    public PageFeed(Snapshots snapshots, PageState state, int keys, Clock clock) {
        this.snapshots = snapshots;
        this.state = state;
        this.keys = keys;
        this.clock = clock;
    }

    /** Begins to take the figures of each second. */
    public void start() {
        Thread.ofVirtual().name("page-feed").start(this::run);
    }

    /** Ends all pages, which then open again under the configuration that serves, and takes no more figures. */
    public void end() {
        ended.countDown();
        pages.keySet().forEach(PageStream::end);
    }

    private boolean isOver() {
        return ended.getCount() == 0;
    }

    private void run() {
        long second = 0;
        try {
            while (!ended.await(untilNext(), TimeUnit.MILLISECONDS)) {
                long now = clock.millis() / 1000;
                boolean next = now != second;
                second = now;
                try {
                    sendEvents();
                    if (next) {
                        snapshots.sample();
                        sendSnapshots();
                    }
                } catch (RuntimeException e) {
                    LOG.error("The figures of the page cannot be taken; the next attempt follows", e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The time until the next second begins, or the next fifth of one while a page is open. */
    private long untilNext() {
        long every = pages.isEmpty() ? 1_000 : 1_000 / PER_SECOND;
        return every - Math.floorMod(clock.millis(), every);
    }

    private void sendEvents() {
        long last = state.events().lastId();
        pages.forEach((page, viewer) -> {
            if (viewer.sent < last) {
                for (ObjectNode event : snapshots.events(viewer.scope, viewer.sent)) {
                    viewer.sent = Math.max(viewer.sent, event.path("id").asLong());
                    page.event(PageStream.message("event", Json.bytes(event)));
                }
                viewer.sent = Math.max(viewer.sent, last);
            }
        });
    }

    private void sendSnapshots() {
        Map<Set<String>, byte[]> made = new HashMap<>();
        pages.forEach((page, viewer) -> {
            if (!viewer.admitted.getAsBoolean()) {
                page.end();
                return;
            }
            CallerScope scope = viewer.scope;
            byte[] shared = made.computeIfAbsent(view(scope), v -> Json.bytes(snapshots.snapshot(scope)));
            page.snapshot(snapshot(scope, shared));
        });
    }

    /** What a scope lets its callers see: two callers with the same view get the same snapshot. */
    private static Set<String> view(CallerScope scope) {
        return scope.isLimited() ? scope.models() : Set.of();
    }

    private Buffer snapshot(CallerScope scope, byte[] shared) {
        byte[] own = Json.bytes(Json.MAPPER
                .createObjectNode()
                .put("caller", scope.caller())
                .put("keys", keys > 0)
                .put("mayOperate", scope.isOperator())
                .put("mayDrill", scope.isOperator()));
        // Both are objects: the brace between them becomes a comma.
        own[own.length - 1] = ',';
        return PageStream.message("snapshot", own, Arrays.copyOfRange(shared, 1, shared.length));
    }

    /**
     * Sends the feed to a page until one of both ends it.
     *
     * @param admitted false once the session of the page is over
     * @throws RequestRejected 503 if too many pages are open
     */
    void serve(HttpServerRequest request, CallerScope scope, BooleanSupplier admitted) {
        if (!state.enter(scope.caller(), keys > 1)) {
            throw new RequestRejected(
                    503,
                    "service_unavailable_error",
                    "too_many_pages",
                    null,
                    "Too many pages are open. Close one and try again.");
        }
        PageStream page = new PageStream(request, KEEP_ALIVE_MILLIS, DROP_AFTER_MILLIS);
        try {
            long last = state.events().lastId();
            ObjectNode history = snapshots.history(scope);
            page.event(PageStream.message("history", Json.bytes(history)));
            page.snapshot(snapshot(scope, Json.bytes(snapshots.snapshot(scope))));
            long newest = history.path("events").path(0).path("id").asLong();
            pages.put(page, new Viewer(scope, admitted, Math.max(last, newest)));
            if (isOver()) {
                page.end();
            }
            page.run();
        } finally {
            pages.remove(page);
            state.leave(scope.caller());
        }
    }
}
