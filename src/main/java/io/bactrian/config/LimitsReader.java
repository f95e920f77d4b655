package io.bactrian.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The reader of limits: takes each from the first place that sets it. Immutable. */
final class LimitsReader implements LimitsResolver {

    private static final Class<?>[] TYPES = Arrays.stream(Limits.class.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);

    private static final Constructor<Limits> CONSTRUCTOR = constructor();

    private final RawProperties raw;
    private final SharedModels sharedModels;

    LimitsReader(RawProperties raw, SharedModels sharedModels) {
        this.raw = raw;
        this.sharedModels = sharedModels;
    }

    private static Constructor<Limits> constructor() {
        try {
            return Limits.class.getDeclaredConstructor(TYPES);
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Limits resolve(@Nullable String chain, @Nullable Target target) {
        @Nullable Object[] values = new Object[TYPES.length];
        for (int i = 0; i < values.length; i++) {
            LimitKey limit = LimitKey.ALL.get(i);
            values[i] = value(limit, prefixes(limit.scope(), chain, target));
        }
        try {
            return CONSTRUCTOR.newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private @Nullable Object value(LimitKey limit, List<String> prefixes) {
        Object value = prefixes.stream()
                .<Object>flatMap(prefix -> raw.get(prefix + limit.name(), limit.parser()).stream())
                .findFirst()
                .orElseGet(limit::builtIn);
        return value instanceof Optional<?> optional ? optional.orElse(null) : value;
    }

    private List<String> prefixes(Limit.Scope scope, @Nullable String chain, @Nullable Target target) {
        List<String> prefixes = new ArrayList<>();
        if (target != null && scope != Limit.Scope.REQUEST) {
            prefixes.add("bactrian.targets." + target.name() + ".");
            if (scope == Limit.Scope.MODEL) {
                sharedModels
                        .of(target.provider().name() + "/" + target.model())
                        .forEach(name -> prefixes.add("bactrian.targets." + name + "."));
            }
            prefixes.add("bactrian.providers." + target.provider().name() + ".");
        }
        if (chain != null && scope != Limit.Scope.MODEL) {
            prefixes.add("bactrian.chains-options." + chain + ".");
        }
        prefixes.add("bactrian.defaults.");
        return prefixes;
    }
}
