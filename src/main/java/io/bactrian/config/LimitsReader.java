package io.bactrian.config;

import static io.bactrian.config.LimitKey.Reach.MODEL;
import static io.bactrian.config.LimitKey.Reach.REQUEST;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Resolves limits from the settings. Immutable. */
final class LimitsReader implements LimitsResolver {

    private final RawProperties raw;
    private final SharedModels twins;

    LimitsReader(RawProperties raw, SharedModels twins) {
        this.raw = raw;
        this.twins = twins;
    }

    @Override
    public Limits resolve(@Nullable String chain, @Nullable Target target) {
        Scope scope = new Scope(chain, target);
        return new Limits(
                scope.get(LimitKeys.DEADLINE),
                scope.get(LimitKeys.CONNECT_TIMEOUT),
                scope.get(LimitKeys.FIRST_TOKEN_TIMEOUT),
                scope.get(LimitKeys.FIRST_TOKEN_TIMEOUT_THINKING),
                scope.get(LimitKeys.RESPONSE_TIMEOUT),
                scope.get(LimitKeys.IDLE_TIMEOUT),
                scope.get(LimitKeys.MAX_ATTEMPTS),
                scope.get(LimitKeys.MAX_TOTAL_ATTEMPTS),
                scope.get(LimitKeys.BACKOFF),
                scope.get(LimitKeys.MAX_BACKOFF),
                scope.get(LimitKeys.PATIENCE),
                scope.get(LimitKeys.BREAKER_FAILURES),
                scope.get(LimitKeys.BREAKER_OPEN_FOR),
                scope.get(LimitKeys.STREAM_COMMIT),
                scope.get(LimitKeys.STREAM_RESCUE),
                scope.get(LimitKeys.STREAM_COMMIT_TOOLS),
                scope.get(LimitKeys.UPSTREAM_STREAMING),
                scope.get(LimitKeys.CONTENT_POLICY),
                scope.get(LimitKeys.HEDGE_DELAY).orElse(null),
                scope.get(LimitKeys.HEDGE_SHARE),
                scope.get(LimitKeys.MAX_WAITING),
                scope.get(LimitKeys.MIN_QUALITY),
                scope.get(LimitKeys.WAIT_FOR_QUALITY));
    }

    /** The places to look at for one target in one chain. */
    private final class Scope {

        private final @Nullable String chain;
        private final @Nullable Target target;

        Scope(@Nullable String chain, @Nullable Target target) {
            this.chain = chain;
            this.target = target;
        }

        <T> T get(LimitKey<T> limit) {
            return prefixes(limit.reach())
                    .map(prefix -> raw.get(prefix + limit.name(), limit.value()))
                    .flatMap(Optional::stream)
                    .findFirst()
                    .orElse(limit.builtIn());
        }

        private Stream<String> prefixes(LimitKey.Reach reach) {
            List<String> prefixes = new ArrayList<>();
            if (target != null && reach != REQUEST) {
                prefixes.add("bactrian.targets." + target.name() + ".");
                if (reach == MODEL) {
                    twins.of(target.provider().name() + "/" + target.model())
                            .forEach(name -> prefixes.add("bactrian.targets." + name + "."));
                }
                prefixes.add("bactrian.providers." + target.provider().name() + ".");
            }
            if (chain != null && reach != MODEL) {
                prefixes.add("bactrian.chains-options." + chain + ".");
            }
            prefixes.add("bactrian.defaults.");
            return prefixes.stream();
        }
    }
}
