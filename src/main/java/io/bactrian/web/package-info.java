/**
 * The HTTP side of the gateway: the server, admission and the callers' rate limits, the steps of the HTTP routes that read a
 * request and write its response, the writer of event streams, and the endpoints for status, models and operators. Begin with
 * {@link io.bactrian.web.ChatEndpoints} and {@link io.bactrian.web.HttpResponses}, the first and the last step of a request;
 * {@link io.bactrian.web.HttpServer} is what they run behind. Errors before any route are answered by
 * {@link io.bactrian.web.ServerHandlers}.
 *
 * <p>The package decides nothing about targets: a request is handed to {@code direct:chat} and comes back with its outcome. How
 * a protocol writes answers and errors is known to {@code protocol}.
 */
@NullMarked
package io.bactrian.web;

import org.jspecify.annotations.NullMarked;
