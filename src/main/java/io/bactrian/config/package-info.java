/**
 * The configuration: property keys, the grammars of their values, and the immutable records that they become.
 *
 * <p>Begin with {@link Config}, the result, and {@link ConfigReader}, which makes it or reports every mistake at once.
 * {@link Limits} declares the limits; the table of all other keys is {@code PropertyKeys}. Everything is read at the start and at a
 * reload; on the path of a request there are only the records.
 *
 * <p>The package knows neither Camel nor any other package of the gateway.
 */
@NullMarked
package io.bactrian.config;

import org.jspecify.annotations.NullMarked;
