package io.bactrian.alert;

import io.bactrian.alert.Observation.KeyView;
import io.bactrian.config.Provider;
import io.bactrian.health.Cooldowns;
import io.bactrian.policy.FailureClass;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The keys that are refused or out of quota. The rest of a key may end without a success: such a key is remembered until as many
 * calls to its provider were answered as the provider has keys, because keys are used in turn. For one thread at a time.
 */
final class RestingKeys {
    private final Cooldowns cooldowns;
    private final ToLongFunction<Provider> answers;
    private final Map<String, Known> known = new HashMap<>();

    /**
     * A key that was seen to rest.
     *
     * @param until the end of its rest, in epoch milliseconds
     * @param answersThen the answers of the provider when the rest was over; null as long as it is not
     */
    private record Known(
            FailureClass type,
            long since,
            long until,
            @Nullable Long answersThen) {}

    /** @param answers how many calls to a provider were answered, ever */
    RestingKeys(Cooldowns cooldowns, ToLongFunction<Provider> answers) {
        this.cooldowns = cooldowns;
        this.answers = answers;
    }

    List<KeyView> look(Iterable<Provider> providers, long now) {
        List<KeyView> views = new ArrayList<>();
        Set<String> configured = new HashSet<>();
        for (Provider provider : providers) {
            int count = provider.keys().size();
            int resting = 0;
            for (int i = 0; i < count; i++) {
                configured.add(name(provider, i));
                update(provider, i, count, now);
                resting += cooldowns.ofKey(provider, i, now) == null ? 0 : 1;
            }
            for (int i = 0; i < count; i++) {
                Known key = known.get(name(provider, i));
                if (key != null) {
                    boolean rests = key.answersThen() == null;
                    views.add(new KeyView(
                            provider.name(), i + 1, count, key.type(), key.since(), rests, resting - (rests ? 1 : 0)));
                }
            }
        }
        known.keySet().retainAll(configured);
        return views;
    }

    private void update(Provider provider, int key, int count, long now) {
        Cooldowns.Cooldown cooling = cooldowns.ofKey(provider, key, now);
        known.compute(name(provider, key), (name, before) -> {
            if (cooling != null && cooling.type().isLasting()) {
                return new Known(
                        cooling.type(), before == null ? cooling.since() : before.since(), cooling.until(), null);
            }
            if (before == null) {
                return null;
            }
            if (before.answersThen() == null) {
                // A rest that ends before its time was ended by a success.
                return now < before.until()
                        ? null
                        : new Known(before.type(), before.since(), before.until(), answers.applyAsLong(provider));
            }
            return answers.applyAsLong(provider) - before.answersThen() >= count ? null : before;
        });
    }

    private static String name(Provider provider, int key) {
        return provider.identity() + "/" + key;
    }
}
