package io.bactrian.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/**
 * The declaration of a limit on a component of {@link Limits}: its keys, their values and what they mean.
 *
 * <p>The type of the component is the type of the value: a duration, a number, an enum or a list of an enum's constants.
 */
@Retention(RetentionPolicy.RUNTIME)
@java.lang.annotation.Target(ElementType.RECORD_COMPONENT)
@interface Limit {

    /** The last part of the limit's keys. */
    String key();

    /** The default, as it would be written in a file. */
    String builtIn();

    /** The lowest value, of durations and numbers. */
    String min() default "";

    /** The highest value, of durations and numbers. */
    String max() default "";

    /** A word beside the other values: it stands for null, or for an empty list. */
    String none() default "";

    Scope scope();

    /** One line for the reference, without the default and the range. */
    String meaning();

    /** The scope of a limit, and so where it may be set beside the defaults. */
    enum Scope {
        /** A whole request: chains. */
        REQUEST,
        /** One attempt or one candidate: chains, providers and targets. */
        ATTEMPT,
        /** A model at a provider, for every request: providers and targets. */
        MODEL
    }
}
