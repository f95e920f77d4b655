/**
 * The calls to providers: an HTTP client for each provider, the time limits and the cancellation of a call, drills that fail
 * calls without making them, and the capabilities that targets turned out to lack. Begin with
 * {@link io.bactrian.provider.Attempt}, one call, and {@link io.bactrian.provider.ProviderClient}, which sends it.
 *
 * <p>The package knows neither the protocols of vendors, which are in {@code protocol}, nor the next candidate after a failure,
 * which {@code policy} decides. Errors are classified in {@code provider.failure}. Only {@code ProviderClient} knows Camel.
 */
@NullMarked
package io.bactrian.provider;

import org.jspecify.annotations.NullMarked;
