/**
 * Traces: one span for each request and one for each call to a provider, through the OpenTelemetry API. Only this package
 * knows OpenTelemetry; the others know the interfaces {@link io.bactrian.request.RequestTrace} and
 * {@link io.bactrian.request.CallTrace}, which do nothing unless the environment asks for traces.
 *
 * <p>A span never has a prompt, an answer, a key or a query string.
 */
@NullMarked
package io.bactrian.trace;

import org.jspecify.annotations.NullMarked;
