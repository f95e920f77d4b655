/**
 * The types that applications may rely on: the headers of messages to and from {@code direct:chat}, and the exceptions that leave it.
 *
 * <p>Names and meanings stay as they are within a major version. Every other package is internal and may change with any version.
 * Nothing here depends on another package of the project, nor on a library.
 */
@NullMarked
package io.bactrian.api;

import org.jspecify.annotations.NullMarked;
