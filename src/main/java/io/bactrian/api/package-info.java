/**
 * The types that applications may rely on: the headers of messages to and from {@code direct:chat}, and the exceptions that leave it.
 *
 * <p>Begin with {@link io.bactrian.api.ChatHeaders}; {@link io.bactrian.api.AllProvidersFailedException} and
 * {@link io.bactrian.api.RequestRejectedException} are for the error handling of routes. Names and meanings stay as they are within a
 * major version. Every other package is internal and may change with any version. Nothing here depends on another package of the
 * project, nor on a library.
 */
@NullMarked
package io.bactrian.api;

import org.jspecify.annotations.NullMarked;
