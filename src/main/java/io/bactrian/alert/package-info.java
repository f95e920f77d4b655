/**
 * Alerts: states that operators have to know of, which open and resolve. A condition that holds opens an alert, and the same
 * condition never opens a second one while the first is open. What is sent, and how often, is decided here; how it is sent
 * is up to the channels.
 *
 * <p>An alert never holds a prompt, an answer or a key.
 */
@NullMarked
package io.bactrian.alert;

import org.jspecify.annotations.NullMarked;
