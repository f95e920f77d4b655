package io.bactrian.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A limit as its {@link Limit} declares it, together with the parser that its type asks for.
 *
 * @param parser gives an empty {@link Optional} where the component is null
 * @param values what may be set, in words: a range, or the words to choose from
 */
record LimitKey(Limit limit, ValueParser<?> parser, String values) {

    /** Every limit, in the order of the components of {@link Limits}. */
    static final List<LimitKey> ALL =
            Arrays.stream(Limits.class.getRecordComponents()).map(LimitKey::of).toList();

    private static final String CHAIN = "bactrian.chains-options.<c>.";
    private static final String PROVIDER = "bactrian.providers.<p>.";
    private static final String TARGET = "bactrian.targets.<t>.";

    private static LimitKey of(RecordComponent component) {
        Limit limit = component.getAnnotation(Limit.class);
        Class<?> type = component.getType();
        String range = limit.min() + " to " + limit.max();
        if (type == Duration.class) {
            ValueParser<Duration> duration = Durations.between(limit.min(), limit.max());
            return limit.none().isEmpty()
                    ? new LimitKey(limit, duration, range)
                    : new LimitKey(limit, orNone(limit.none(), duration), limit.none() + ", or " + range);
        }
        if (type == int.class) {
            ValueParser<?> number = ValueParsers.integer(Integer.parseInt(limit.min()), Integer.parseInt(limit.max()));
            return new LimitKey(limit, number, range);
        }
        if (type == double.class) {
            return new LimitKey(limit, ValueParsers.decimal(limit.min(), limit.max()), range);
        }
        if (type == List.class) {
            ParameterizedType list = (ParameterizedType) component.getGenericType();
            Class<? extends Enum<?>> element = words(list.getActualTypeArguments()[0]);
            return new LimitKey(
                    limit,
                    ValueParsers.choices(limit.none(), element),
                    limit.none() + ", or any of " + ValueParsers.labels(element));
        }
        Class<? extends Enum<?>> words = words(type);
        return new LimitKey(limit, ValueParsers.choice(words), ValueParsers.labels(words));
    }

    @SuppressWarnings("unchecked")
    private static Class<? extends Enum<?>> words(Type type) {
        return (Class<? extends Enum<?>>) type;
    }

    private static ValueParser<Optional<Duration>> orNone(String none, ValueParser<Duration> duration) {
        return text -> {
            try {
                return text.equals(none) ? Optional.empty() : Optional.of(duration.of(text));
            } catch (BadValue e) {
                throw new BadValue(none + ", or a duration: " + e.right());
            }
        };
    }

    String name() {
        return limit.key();
    }

    Limit.Scope scope() {
        return limit.scope();
    }

    /** The value where nothing is set. */
    Object builtIn() {
        return parser.of(limit.builtIn());
    }

    /** The rows of the table of keys for this limit, those that are refused included. */
    List<PropertyKey> keys() {
        return List.of(
                allowed("bactrian.defaults."),
                scope() == Limit.Scope.MODEL ? notOnChains() : allowed(CHAIN),
                scope() == Limit.Scope.REQUEST ? notOnOneModel(PROVIDER) : allowed(PROVIDER),
                scope() == Limit.Scope.REQUEST ? notOnOneModel(TARGET) : allowed(TARGET));
    }

    private PropertyKey allowed(String prefix) {
        return PropertyKey.of(prefix + name(), parser);
    }

    private PropertyKey notOnChains() {
        return PropertyKey.refused(
                CHAIN + name(),
                "a breaker belongs to a model at a provider; set %s under bactrian.targets.<t>, bactrian.providers.<p> or bactrian.defaults"
                        .formatted(name()));
    }

    private PropertyKey notOnOneModel(String prefix) {
        return PropertyKey.refused(
                prefix + name(),
                "%s holds for a whole request; set it under bactrian.chains-options.<c> or bactrian.defaults"
                        .formatted(name()));
    }
}
