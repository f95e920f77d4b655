package io.bactrian.web;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.alert.Alert;
import io.bactrian.alert.AlertBook;
import io.bactrian.alert.AlertJson;
import io.bactrian.cluster.Cluster;
import io.bactrian.config.Config;
import io.bactrian.config.Service;
import io.bactrian.config.Target;
import io.bactrian.health.Breakers;
import io.bactrian.health.Drills;
import io.bactrian.metrics.Exposition;
import io.bactrian.metrics.Meters;
import io.bactrian.metrics.QueueReport;
import io.bactrian.metrics.TargetMeters;
import io.bactrian.metrics.Totals;
import io.bactrian.page.Snapshots;
import io.bactrian.policy.Availability;
import io.bactrian.protocol.CallerProtocol;
import io.bactrian.protocol.CallerProtocols;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.protocol.Usage;
import io.bactrian.routing.CallerScope;
import io.bactrian.routing.WaitingLine;
import io.vertx.core.http.HttpServerRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Exchange;

/** The endpoints beside the chat: models, status, health, and errors for all other requests. Thread-safe. */
public final class StatusEndpoints {
    private static final String READ = "GET, HEAD";
    private static final double[] QUANTILES = {0.5, 0.9, 0.99};
    private static final Map<String, String> METHODS = Map.ofEntries(
            Map.entry("/", READ),
            Map.entry("/v1/messages/count_tokens", "POST"),
            Map.entry(CallerProtocols.MODELS, READ),
            Map.entry("/status", READ),
            Map.entry("/metrics", READ),
            Map.entry("/health/live", READ),
            Map.entry("/health/ready", READ),
            Map.entry("/favicon.svg", READ),
            Map.entry("/page/events", READ),
            Map.entry("/page/login", "POST"),
            Map.entry("/page/logout", "POST"));
    private static final List<String> SERVED = List.of(
            "GET " + CallerProtocols.MODELS,
            "GET /status",
            "GET /metrics",
            "GET /health/live",
            "GET /health/ready",
            "POST /admin/targets/{target}/open, /close and /drill");

    private final CallerProtocols protocols;
    private final ChatEndpoints endpoints;
    private final HttpResponses responses;
    private final Config config;
    private final Availability availability;
    private final Breakers breakers;
    private final Drills drills;
    private final Meters meters;
    private final WaitingLine line;
    private final TargetFigures figures;
    private final ReloadStatus reloadStatus;
    private final AlertBook alerts;
    private final Exposition exposition;
    private final Supplier<Optional<QueueReport>> queue;
    private final Cluster cluster;
    private final Clock clock;
    private final long startedAt;

    public StatusEndpoints(
            CallerProtocols protocols,
            ChatEndpoints endpoints,
            HttpResponses responses,
            Config config,
            Availability availability,
            Breakers breakers,
            Drills drills,
            Meters meters,
            WaitingLine line,
            TargetFigures figures,
            ReloadStatus reloadStatus,
            AlertBook alerts,
            Exposition exposition,
            Supplier<Optional<QueueReport>> queue,
            Cluster cluster,
            Clock clock) {
        this.protocols = protocols;
        this.endpoints = endpoints;
        this.responses = responses;
        this.config = config;
        this.availability = availability;
        this.breakers = breakers;
        this.drills = drills;
        this.meters = meters;
        this.line = line;
        this.figures = figures;
        this.reloadStatus = reloadStatus;
        this.alerts = alerts;
        this.exposition = exposition;
        this.queue = queue;
        this.cluster = cluster;
        this.clock = clock;
        this.startedAt = reloadStatus.startedAt();
    }

    /**
     * Responds with the chains and targets as the list of models in the caller's protocol, or with one of them if the path names
     * it.
     *
     * @throws RequestRejected 404 if there is no such model, or none that the caller may ask
     */
    public void models(Exchange exchange) {
        CallerScope scope = endpoints.scope(exchange);
        HttpServerRequest request = Http.request(exchange);
        String path = request.path();
        String one = CallerProtocols.MODELS + "/";
        if (!path.equals(CallerProtocols.MODELS) && !path.startsWith(one)) {
            unknown(exchange);
        }
        String id = path.startsWith(one) ? URLDecoder.decode(path.substring(one.length()), StandardCharsets.UTF_8) : "";
        CallerProtocol protocol = responses.protocol(exchange);
        Instant since = Instant.ofEpochMilli(startedAt);
        if (id.isEmpty()) {
            responses.respond(
                    exchange, 200, protocol.models(List.copyOf(scope.models()), since, name -> request.getParam(name)));
        } else if (scope.has(id)) {
            responses.respond(exchange, 200, protocol.model(id, since));
        } else {
            throw new RequestRejected(
                    404, "invalid_request_error", "model_not_found", "model", "There is no model '" + id + "' here.");
        }
    }

    /** Responds with what this server is and what it serves; needs no key. */
    public void root(Exchange exchange) {
        if (!Http.request(exchange).path().equals("/")) {
            unknown(exchange); // such as //
        }
        Http.identify(exchange);
        ObjectNode root = Json.MAPPER
                .createObjectNode()
                .put("name", "Bactrian")
                .put("description", "A gateway for large language models that keeps answering when a provider fails.");
        ArrayNode paths = root.putArray("paths");
        served().forEach(paths::add);
        responses.respond(exchange, 200, root);
    }

    /**
     * Responds with the counts of requests and, for every target, its breaker, cooldown, last failure and latencies. A caller that
     * is limited to certain chains sees these and their targets alone.
     */
    public void status(Exchange exchange) {
        CallerScope scope = endpoints.pageScope(exchange);
        long now = clock.millis();
        ObjectNode status = Json.MAPPER.createObjectNode();
        status.put("time", Instant.ofEpochMilli(now).toString());
        status.put("uptimeSeconds", (now - startedAt) / 1000);
        status.put("demo", config.demo());
        if (!scope.isLimited()) {
            addGateway(status);
        }
        ArrayNode open = status.putArray("alerts");
        alerts.open().stream()
                .filter(alert -> Snapshots.sees(scope, alert))
                .forEach(alert -> open.add(alert(scope, alert)));
        if (!scope.isLimited()) {
            ArrayNode nodes = status.putArray("nodes");
            cluster.peers().forEach(peer -> nodes.addObject()
                    .put("name", peer.node())
                    .put("boot", peer.boot())
                    .put("heardMsAgo", peer.heardMillisAgo()));
        }
        Set<String> names = scope.targets();
        List<Target> seen = config.everyTarget().values().stream()
                .filter(target -> names.contains(target.name()))
                .toList();
        ObjectNode providers = figures.providers(config, now);
        if (scope.isLimited()) {
            providers.retain(
                    seen.stream().map(target -> target.provider().name()).collect(Collectors.toSet()));
        }
        status.set("providers", providers);
        ArrayNode targets = status.putArray("targets");
        seen.forEach(target -> {
            ObjectNode document = target(target, now);
            if (scope.isLimited()) {
                document.remove("dollars");
            }
            targets.add(document);
        });
        ObjectNode chains = status.putObject("chains");
        scope.chains().forEach(chain -> {
            ArrayNode members = chains.putArray(chain.name());
            chain.candidates().forEach(c -> members.add(c.target().name()));
        });
        responses.respond(exchange, 200, status);
    }

    private void addGateway(ObjectNode status) {
        Totals totals = meters.totals();
        status.set("configuration", reloadStatus.document());
        status.putObject("requests")
                .put("inFlight", endpoints.inFlight())
                .put("waiting", line.length())
                .put("answered", totals.answered())
                .put("failed", totals.failed())
                .put("refused", totals.refused())
                .put("cancelled", totals.cancelled())
                .put("fallbacks", totals.fallbacks())
                .put("rescued", totals.rescued())
                .put("lastResorts", totals.lastResorts())
                .put("degraded", totals.degraded());
        queue.get().ifPresent(report -> status.set("queue", report.json()));
        status.put("malformedEvents", totals.malformed());
        status.put("staleDropped", meters.staleDropped());
    }

    private static ObjectNode alert(CallerScope scope, Alert alert) {
        ObjectNode out = AlertJson.alert(alert).put("text", Snapshots.text(scope, alert));
        if (scope.isLimited()) {
            out.remove("inhibitedBy");
        }
        return out;
    }

    /** True if the target is not in good health for the service that it is asked for. */
    private boolean isAway(Target target, long now) {
        return !breakers.state(target).equals("CLOSED") || availability.of(target, now) != null;
    }

    /** True if the target may be called for a service that it has been asked for. */
    private boolean isAvailable(Target target, long now) {
        return figures.latencies().asked(target).stream().anyMatch(asked -> availability.of(asked, now) == null);
    }

    /** The status of one target, as JSON: for the service that is in trouble, or else the first it has been asked for. */
    ObjectNode target(Target named, long now) {
        List<Target> asked = figures.latencies().asked(named);
        Target target = asked.stream().filter(t -> isAway(t, now)).findFirst().orElse(asked.getFirst());
        TargetMeters measured = meters.of(target);
        ObjectNode out = Json.MAPPER
                .createObjectNode()
                .put("name", target.name())
                .put("provider", target.provider().name())
                .put("model", target.model())
                .put("quality", target.quality())
                .put("breaker", breakers.state(target));
        if (target.service() != Service.CHAT) {
            out.put("service", target.service().label());
        }
        Availability.Unavailable unavailable = availability.of(target, now);
        out.put("available", unavailable == null);
        if (unavailable != null) {
            out.put("coolingFrom", unavailable.type().name())
                    .put(
                            "coolingUntil",
                            Instant.ofEpochMilli(unavailable.until()).toString());
            if (unavailable.by() != null) {
                out.put("by", unavailable.by());
            }
        }
        figures.addHealth(out, target);
        figures.add(out, target, now);
        Drills.Standing drill = drills.of(target, now);
        if (drill != null) {
            out.putObject("drill")
                    .put("fault", drill.fault().name())
                    .put("until", Instant.ofEpochMilli(drill.until()).toString());
        }
        Meters.LastFailure last = measured.lastFailure();
        if (last != null) {
            out.putObject("lastFailure")
                    .put("class", last.failure().type().name())
                    .put("status", last.failure().status())
                    .put("at", Instant.ofEpochMilli(last.at()).toString());
        }
        out.put("answers", measured.answers());
        Usage tokens = measured.tokens();
        out.putObject("tokens").put("prompt", tokens.prompt()).put("completion", tokens.completion());
        if (target.isPriced()) {
            out.put("dollars", measured.dollars());
        }
        ObjectNode failures = out.putObject("failures");
        measured.failures().forEach((type, count) -> failures.put(type.name(), count));
        ObjectNode latency = out.putObject("latencyMs");
        // Empty if no answer came of late.
        long[] durations = measured.durations().quantiles(now, QUANTILES);
        for (int i = 0; i < durations.length; i++) {
            latency.put("p" + Math.round(QUANTILES[i] * 100), durations[i]);
        }
        return out;
    }

    /**
     * Responds with the values of all meters that the caller may see, in the form that the {@code Accept} header asks for.
     */
    public void metrics(Exchange exchange) {
        CallerScope scope = endpoints.scope(exchange).view();
        Exposition.Scrape scrape = exposition.scrape(Http.request(exchange).getHeader("accept"));
        byte[] body = scope.isLimited() ? VisibleMetrics.of(scrape.body(), scope, config) : scrape.body();
        responses.respond(exchange, scrape.contentType(), body);
    }

    /** Responds that the process is alive. */
    public void live(Exchange exchange) {
        responses.respond(exchange, 200, Json.MAPPER.createObjectNode().put("status", "UP"));
    }

    /**
     * Responds that requests are taken, and which chains have a target that can be called. An outage of providers is no reason
     * to take the gateway out of service.
     */
    public void ready(Exchange exchange) {
        long now = clock.millis();
        ObjectNode ready = Json.MAPPER.createObjectNode().put("status", "UP");
        ObjectNode chains = ready.putObject("chains");
        config.chains()
                .values()
                .forEach(chain -> chains.put(
                        chain.name(), chain.candidates().stream().anyMatch(c -> isAvailable(c.target(), now))));
        responses.respond(exchange, 200, ready);
    }

    /**
     * Rejects a request that no other endpoint takes.
     *
     * @throws RequestRejected 404 for an unknown path, 405 for a wrong method, 415 for a wrong content type
     */
    public void unknown(Exchange exchange) {
        endpoints.admit(exchange);
        String path = Http.request(exchange).path();
        String methods = AdminEndpoint.isAction(path) || isChat(path)
                ? "POST"
                : METHODS.get(path.startsWith(CallerProtocols.MODELS + "/") ? CallerProtocols.MODELS : path);
        String used = Http.request(exchange).method().name();
        boolean taken = methods != null && List.of(methods.split(", ")).contains(used);
        boolean elsewhere = READ.equals(methods) && taken; // such as /v1/models/../more
        if (methods == null || elsewhere) {
            throw new RequestRejected(404, "invalid_request_error", "unknown_url", null, notServed(path));
        }
        if (!taken) {
            throw RequestRejected.wrongMethod(path, methods);
        }
        throw new RequestRejected(
                415,
                "invalid_request_error",
                "unsupported_media_type",
                null,
                "The content type must be application/json.");
    }

    private boolean isChat(String path) {
        return protocols.all().stream().anyMatch(protocol -> protocol.path().equals(path));
    }

    private String notServed(String path) {
        String what = path.startsWith("/v1/responses")
                ? "The Responses API is not served here; use Chat Completions."
                : "There is no " + path + " here.";
        return what + " Served: " + String.join(", ", served()) + ".";
    }

    private List<String> served() {
        return Stream.concat(protocols.all().stream().map(protocol -> "POST " + protocol.path()), SERVED.stream())
                .toList();
    }
}
