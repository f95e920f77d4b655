/** The files that are looked at while the gateway runs, and when a change of them is one. */
@NullMarked
package io.bactrian.runtime;

import org.jspecify.annotations.NullMarked;
