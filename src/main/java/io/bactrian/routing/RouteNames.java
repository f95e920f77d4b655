package io.bactrian.routing;

import io.bactrian.config.Service;
import io.bactrian.config.Target;
import io.bactrian.policy.Decision;
import io.bactrian.policy.Decision.UseLastResort;
import io.bactrian.request.RequestContext;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Exchange;

/**
 * The names of the routes: one for each target of the configuration, which is asked for chat, and one for each provider and service.
 */
public final class RouteNames {
    static final String TARGET = "target";
    static final String RACE = "race";
    static final String LAST_RESORT = "last-resort";
    static final String EXHAUSTED = "exhausted";
    static final String ANSWERED = "answered";
    /** The route that estimates tokens. */
    static final String ESTIMATE = "estimate-tokens";

    private final Map<String, String> names = new HashMap<>();
    private final Set<String> taken = new HashSet<>();

    /** Names the route of a configured target. */
    public String add(Target target) {
        return names.computeIfAbsent(target.name(), n -> unique("target-" + slug(n)));
    }

    /** Whether the target has a route of its own. */
    public boolean has(Target target) {
        return target.service() == Service.CHAT && names.containsKey(target.name());
    }

    /** The route to a target. A request that only plays that the target fails does not go through its breaker. */
    public String of(Target target, RequestContext context) {
        String own = has(target) && context.drill(target) == null ? names.get(target.name()) : null;
        return own == null ? adHoc(target.provider().name(), target.service()) : own;
    }

    /** Sets the decision of a request on its exchange, for the route {@code next}. */
    void direct(Exchange exchange, RequestContext context) {
        Decision decision = context.decision();
        String way = decision instanceof Decision.Ask
                ? TARGET
                : decision instanceof Decision.AskGroup
                        ? RACE
                        : decision instanceof UseLastResort ? LAST_RESORT : EXHAUSTED;
        exchange.setProperty(ExchangeProperties.DECISION, way);
        if (decision instanceof Decision.Ask ask) {
            exchange.setProperty(ExchangeProperties.ROUTE, of(ask.candidate().target(), context));
        }
    }

    /** The route to any model of a provider. */
    public static String adHoc(String provider, Service service) {
        return prefix(service) + "any-" + slug(provider);
    }

    /** The route of one call to a provider. */
    public static String attempt(String provider, Service service) {
        return prefix(service) + "attempt-" + slug(provider);
    }

    private static String prefix(Service service) {
        return service == Service.CHAT ? "" : service.label() + "-";
    }

    /** The route of one count of tokens at a provider. */
    public static String count(String provider) {
        return "count-" + slug(provider);
    }

    /** The route that asks a provider for its list of models. */
    public static String listModels(String provider) {
        return "list-models-" + slug(provider);
    }

    private String unique(String wanted) {
        String name = wanted;
        for (int i = 2; !taken.add(name); i++) {
            name = wanted + "-" + i;
        }
        return name;
    }

    private static String slug(String name) {
        return name.replaceAll("[^A-Za-z0-9._-]+", "-");
    }
}
