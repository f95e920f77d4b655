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

/** The scope of one caller: the chains and targets that it may ask, which are all of them or certain chains only. Immutable. */
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

    /** The name of the caller's key; empty where callers need none. */
    public String caller() {
        return caller;
    }

    /** True if the caller may ask certain chains only. */
    public boolean isLimited() {
        return limited;
    }

    /** The model names that the caller may use: of chains, and of targets unless it is limited to chains. */
    public Set<String> models() {
        Set<String> names = new LinkedHashSet<>();
        chains.forEach(chain -> names.add(chain.name()));
        if (!limited) {
            names.addAll(targets());
        }
        return names;
    }

    /** The names of the targets that may answer. */
    public Set<String> targets() {
        Set<String> names = new LinkedHashSet<>();
        chains.forEach(
                chain -> chain.candidates().forEach(c -> names.add(c.target().name())));
        if (!limited) {
            names.addAll(config.targets().keySet());
        }
        return names;
    }

    /** True if a model name stands for a chain or target that the caller may ask. */
    public boolean has(@Nullable String model) {
        return config.chain(model).filter(this::allows).isPresent();
    }

    /**
     * The chain that a model name stands for.
     *
     * @throws RequestRejected 404 if there is none, 403 if the caller may not ask it
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

    /** Compares the chain that a name stands for, because an alias may stand for any chain. */
    private boolean allows(Chain chain) {
        return !limited || chains.contains(chain);
    }

    /**
     * The candidate that a caller adds to a chain by its name.
     *
     * @throws RequestRejected 400 if there is none, 403 if the caller may not ask it
     */
    Entry fallback(String name) {
        Entry entry = config.candidate(name)
                .orElseThrow(() -> RequestRejected.invalid(
                        "fallbacks", "There is no target '" + name + "' here. There is: " + served() + "."));
        // Compared by name, because another target for the same model may have other limits.
        if (limited && !targets().contains(entry.target().name())) {
            throw forbidden("fallbacks");
        }
        return entry;
    }

    /** The target of a name or of {@code provider/model}, in the scope or not; null if there is none. */
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
