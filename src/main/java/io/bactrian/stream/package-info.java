/** Server-sent events in and out, and the seam where the text of another answer joins what was spoken. */
@NullMarked
package io.bactrian.stream;

import org.jspecify.annotations.NullMarked;
