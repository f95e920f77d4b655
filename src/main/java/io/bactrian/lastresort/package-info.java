/** Last resorts: what stands in when no target can answer, and the shelf where good answers are kept for that. */
@NullMarked
package io.bactrian.lastresort;

import org.jspecify.annotations.NullMarked;
