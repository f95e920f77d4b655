/**
 * The state of one chat request: the request as an endpoint hands it over ({@link io.bactrian.request.InboundRequest}), the
 * calls made for it, the answer on its way to the caller, or the error in its place, and the response headers that describe
 * them.
 *
 * <p>Begin with {@link io.bactrian.request.RequestContext}. The package knows neither Camel nor HTTP nor how providers are
 * called; it makes no decisions, those are made by {@code policy} and carried out by {@code routing}.
 */
@NullMarked
package io.bactrian.request;

import org.jspecify.annotations.NullMarked;
