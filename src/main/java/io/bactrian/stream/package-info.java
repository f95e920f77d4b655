/** Server-sent events in and out. */
@NullMarked
package io.bactrian.stream;

import org.jspecify.annotations.NullMarked;
