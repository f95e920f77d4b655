package io.bactrian.testing;

import io.bactrian.config.Api;
import io.bactrian.config.Auth;
import io.bactrian.config.Chain;
import io.bactrian.config.Chain.Entry;
import io.bactrian.config.Feature;
import io.bactrian.config.Limits;
import io.bactrian.config.Provider;
import io.bactrian.config.Target;
import io.bactrian.policy.Plan;
import java.net.URI;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;

/** Chains of targets for tests that call none of them. Stateless. */
public final class TestChains {
    private TestChains() {}

    public static Provider provider(String name, String... keys) {
        return new Provider(
                name,
                Api.OPENAI,
                URI.create("http://localhost:1/v1"),
                List.of(keys),
                keys.length == 0,
                Auth.BEARER,
                Map.of(),
                Map.of(),
                2000,
                null);
    }

    /** A target at a provider of its own. */
    public static Target target(String name) {
        return target(name, provider("of-" + name, "secret"), 1.0, null);
    }

    /** A target with a declared window. */
    public static Target windowed(String name, Integer contextTokens) {
        return target(name, provider("of-" + name, "secret"), 1.0, contextTokens);
    }

    public static Target target(String name, Provider provider, double quality, Integer contextTokens) {
        return new Target(
                name,
                provider,
                "model-" + name,
                Map.of(),
                8192,
                false,
                quality,
                contextTokens,
                null,
                EnumSet.complementOf(EnumSet.of(Feature.PREFILL)),
                null,
                null);
    }

    public static Chain chain(Limits limits, Target... targets) {
        return Chain.of(
                "default",
                Arrays.stream(targets).map(target -> new Entry(target, limits)).toList(),
                limits);
    }

    public static Chain chain(Limits limits, String... names) {
        return chain(limits, Arrays.stream(names).map(TestChains::target).toArray(Target[]::new));
    }

    /** A plan in which every candidate can serve. */
    public static Plan plan(Chain chain, long deadlineAt) {
        return Plan.of(chain, true, 0, deadlineAt, entry -> null);
    }
}
