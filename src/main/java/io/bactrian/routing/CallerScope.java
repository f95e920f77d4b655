package io.bactrian.routing;

import io.bactrian.config.Chain;
import io.bactrian.config.Chain.Entry;
import io.bactrian.config.Config;
import io.bactrian.config.Limits;
import io.bactrian.config.Service;
import io.bactrian.config.Target;
import io.bactrian.protocol.RequestRejected;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The scope of one caller: the chains and targets that it may ask, which are all of them or certain chains only. Immutable. */
public final class CallerScope {
    private static final String DEFAULT = "default";
    private static final String DEMO_FAMILY = "text-embedding-";
    private static final String DEMO_MODEL = DEMO_FAMILY + "3-small";

    private final Config config;
    private final String caller;
    private final boolean limited;
    private final boolean operator;
    /** Those of a request to a target without a chain. */
    private final Limits limits;
    /** In the order of the configuration. */
    private final List<Chain> chains;

    CallerScope(Config config, String caller) {
        this(config, caller, config.server().chains(caller));
    }

    private CallerScope(Config config, String caller, Set<String> only) {
        this.config = config;
        this.caller = caller;
        this.operator =
                config.server().keys().isEmpty() || config.server().operators().contains(caller);
        this.limits = config.limits().resolve(null, null);
        this.limited = !only.isEmpty();
        this.chains = config.chains().values().stream()
                .filter(chain -> !limited || only.contains(chain.name()))
                .toList();
    }

    /** What the caller may see of the gateway's state: operators see all, whatever they may ask. */
    public CallerScope view() {
        return operator && limited ? new CallerScope(config, caller, Set.of()) : this;
    }

    /** True if the caller may act on targets for all callers. */
    public boolean isOperator() {
        return operator;
    }

    /** The name of the caller's key; empty where callers need none. */
    public String caller() {
        return caller;
    }

    /** True if the caller may ask certain chains only. */
    public boolean isLimited() {
        return limited;
    }

    /** The chains that the caller may ask, in the order of the configuration. */
    public List<Chain> chains() {
        return chains;
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
     * The chain that a model name stands for at the endpoint of a service.
     *
     * @throws RequestRejected 404 if there is none, 403 if the caller may not ask it
     */
    Chain chain(@Nullable String model, Service service) {
        return switch (service) {
            case CHAT -> chain(model);
            case COMPLETIONS -> {
                String own = service.label();
                yield chain(isDefault(model) && config.chains().containsKey(own) ? own : model);
            }
            case EMBEDDINGS -> embeddings(model);
        };
    }

    private Chain chain(@Nullable String model) {
        return allowed(
                config.chain(model).orElseThrow(() -> noModel("There is no model '" + model + "' here. " + served())));
    }

    /**
     * The chain for embeddings. The default chain is one of chat models, so that a chain of its own takes its place. The bare
     * name of an embedding model stands for the candidates with that model.
     */
    private Chain embeddings(@Nullable String model) {
        String own = Service.EMBEDDINGS.label();
        String name = model == null || isDefault(model) ? own : model;
        Optional<Chain> meant = config.chain(name);
        boolean chat = meant.filter(chain -> isDefault(chain.name())).isPresent();
        boolean written =
                config.chains().containsKey(name) || config.targets().containsKey(name) || config.hasAlias(name);
        if (meant.isPresent() && written && !chat) {
            return allowed(meant.get());
        }
        return config.candidate(name)
                .map(this::single)
                .or(() -> ofModel(name))
                .or(() -> chat ? Optional.ofNullable(config.chains().get(own)).map(this::allowed) : Optional.empty())
                .or(() -> simulated(name.equals(own) ? DEMO_MODEL : name))
                .orElseThrow(() -> noModel("There is no "
                        + (isDefault(model) ? "chain for embeddings" : "embedding model '" + model + "'")
                        + " here. Configure one, for example bactrian.chains." + own + "=openai/" + DEMO_MODEL
                        + ", or name provider/model. " + served()));
    }

    /** A target alone; an alias for every name does not hide it. */
    private Chain single(Entry entry) {
        return allowed(Chain.of(entry.target().name(), List.of(entry), limits));
    }

    /** The part of a chain that has a model with this name, of the chain for embeddings first. */
    private Optional<Chain> ofModel(String model) {
        return Stream.concat(
                        chains.stream().filter(chain -> chain.name().equals(Service.EMBEDDINGS.label())),
                        chains.stream())
                .map(chain -> chain.only(target -> EmbeddingModel.same(model, target.model())))
                .filter(chain -> !chain.steps().isEmpty())
                .findFirst();
    }

    /** In demo, the simulated providers have every embedding model. */
    private Optional<Chain> simulated(String model) {
        if (!config.demo() || limited || !model.startsWith(DEMO_FAMILY)) {
            return Optional.empty();
        }
        List<Entry> entries = Stream.of("openai", "groq")
                .flatMap(provider -> config.candidate(provider + "/" + model).stream())
                .toList();
        return entries.isEmpty()
                ? Optional.empty()
                : Optional.of(Chain.of(Service.EMBEDDINGS.label(), entries, limits));
    }

    private static boolean isDefault(@Nullable String model) {
        return model == null || model.isBlank() || model.equals(DEFAULT);
    }

    private Chain allowed(Chain chain) {
        if (!allows(chain)) {
            throw forbidden("model");
        }
        return chain;
    }

    private static RequestRejected noModel(String message) {
        return new RequestRejected(404, "invalid_request_error", "model_not_found", "model", message);
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
                .orElseThrow(() ->
                        RequestRejected.invalid("fallbacks", "There is no target '" + name + "' here. " + served()));
        // Compared by name, because another target for the same model may have other limits.
        if (limited && !targets().contains(entry.target().name())) {
            throw forbidden("fallbacks");
        }
        return entry;
    }

    /** The target of a name or of {@code provider/model}; null if there is none that the caller may ask. */
    public @Nullable Target target(String name) {
        return config.candidate(name)
                .map(Entry::target)
                .filter(target -> !limited || targets().contains(target.name()))
                .orElse(null);
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
        return "There is: " + String.join(", ", names) + (limited ? "" : ", or provider/model") + ".";
    }
}
