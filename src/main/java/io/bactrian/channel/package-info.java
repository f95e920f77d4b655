/**
 * The channels of alerts: they bring messages to the log, to Camel endpoints, and to people by webhook, mail and the services
 * that wake them. Each has a queue of its own, in which messages wait while it cannot be reached, so that no channel holds up
 * another one, or a request.
 *
 * <p>An address that holds a secret is known to the last step before the call, and to no message, log line or error.
 */
@NullMarked
package io.bactrian.channel;

import org.jspecify.annotations.NullMarked;
