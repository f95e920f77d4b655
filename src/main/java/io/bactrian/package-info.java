/**
 * Bactrian, a gateway that answers requests to large language models even though providers fail. This package holds the program
 * itself: {@link io.bactrian.Launcher} checks the version of Java, {@link io.bactrian.Bactrian} reads the command line and owns
 * the exit codes, {@link io.bactrian.Carriers} the threads that carry virtual ones.
 *
 * <p>Begin with {@code runtime}, which starts and reloads everything, or with the files in {@code routes/}, which show the way of
 * a request. Nothing else in the program depends on this package.
 */
@NullMarked
package io.bactrian;

import org.jspecify.annotations.NullMarked;
