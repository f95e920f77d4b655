package io.bactrian.routing;

import io.bactrian.config.CallerLimits;
import io.bactrian.config.Chain;
import io.bactrian.config.Chain.Entry;
import io.bactrian.config.Config;
import io.bactrian.config.Target;
import io.bactrian.protocol.RequestRejected;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What one caller may ask: every chain and target there is, or certain chains only. Immutable. */
public final class CallerScope {
    private final Config config;
    private final String caller;
    private final boolean limited;
    /** In the order of the configuration. */
    private final List<Chain> chains;

    CallerScope(Config config, String caller) {
        this.config = config;
        this.caller = caller;
        CallerLimits limits = config.server().limits().get(caller);
        Set<String> only = limits == null ? Set.of() : limits.chains();
        this.limited = !only.isEmpty();
        this.chains = config.chains().values().stream()
                .filter(chain -> !limited || only.contains(chain.name()))
                .toList();
    }

    /** The name of the caller's key; empty where callers have none. */
    public String caller() {
        return caller;
    }

    /** Whether there is anything that this caller may not ask. */
    public boolean isLimited() {
        return limited;
    }

    /** The names to ask by: of chains, and of targets where they may be asked by themselves. */
    public Set<String> models() {
        Set<String> names = new LinkedHashSet<>();
        chains.forEach(chain -> names.add(chain.name()));
        if (!limited) {
            names.addAll(targets());
        }
        return names;
    }

    /** The targets that may answer. */
    public Set<String> targets() {
        Set<String> names = new LinkedHashSet<>();
        chains.forEach(
                chain -> chain.candidates().forEach(c -> names.add(c.target().name())));
        if (!limited) {
            names.addAll(config.targets().keySet());
        }
        return names;
    }

    /** Whether a model name stands for something that may be asked. */
    public boolean has(@Nullable String model) {
        return config.chain(model).filter(this::allows).isPresent();
    }

    /**
     * What a model name stands for.
     *
     * @throws RequestRejected if that is nothing, or nothing for this caller
     */
    Chain chain(@Nullable String model) {
        Chain chain = config.chain(model)
                .orElseThrow(() -> new RequestRejected(
                        404,
                        "invalid_request_error",
                        "model_not_found",
                        "model",
                        "There is no model '" + model + "' here. There is: " + served() + "."));
        if (!allows(chain)) {
            throw forbidden("model");
        }
        return chain;
    }

    /** An alias or a pin may lead anywhere: what counts is where it leads. */
    private boolean allows(Chain chain) {
        return !limited || chains.contains(chain);
    }

    /**
     * A candidate that a caller adds to a chain.
     *
     * @throws RequestRejected if there is none, or none for this caller
     */
    Entry fallback(String name) {
        Entry entry = config.candidate(name)
                .orElseThrow(() -> RequestRejected.invalid(
                        "fallbacks", "There is no target '" + name + "' here. There is: " + served() + "."));
        // By its name: another one for the same model may have other limits.
        if (limited && !targets().contains(entry.target().name())) {
            throw forbidden("fallbacks");
        }
        return entry;
    }

    /** A target by its name or as {@code provider/model}, whoever may ask it; null if there is none. */
    public @Nullable Target target(String name) {
        return config.candidate(name).map(Entry::target).orElse(null);
    }

    private RequestRejected forbidden(String param) {
        String targets = param.equals("fallbacks") ? ", with fallbacks among " + String.join(", ", targets()) : "";
        return new RequestRejected(
                403,
                "permission_error",
                "model_not_allowed",
                param,
                "The key '" + caller + "' may ask " + String.join(", ", models()) + " only" + targets + ".");
    }

    private String served() {
        Set<String> names = models();
        return String.join(", ", names) + (limited ? "" : ", or provider/model");
    }
}
