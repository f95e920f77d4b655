/** Bactrian: an answer from a large language model even though providers fail. */
@NullMarked
package io.bactrian;

import org.jspecify.annotations.NullMarked;
