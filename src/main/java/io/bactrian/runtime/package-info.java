/**
 * The life cycle of the gateway: starts it from the files of a directory, reloads them when they change, and stops it.
 * Begin with {@link io.bactrian.runtime.Application}; a {@link io.bactrian.runtime.Generation} is one version of the
 * configuration and the routes, and {@link io.bactrian.runtime.RouteBeans} makes the beans for its routes. Which files are
 * watched is in {@code ConfigSnapshot}, what is read of them in {@code Generation} and {@code EffectiveProperties}.
 *
 * <p>It may know every other package and connects them; only the main class knows it. It must not decide about a
 * request.
 */
@NullMarked
package io.bactrian.runtime;

import org.jspecify.annotations.NullMarked;
