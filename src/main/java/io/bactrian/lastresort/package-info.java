/**
 * The last resorts: earlier answers and static texts for requests that no target can answer, and the stores in which
 * good answers are kept for that, in memory or in a database. Begin with {@link io.bactrian.lastresort.LastResorts}.
 *
 * <p>A failure in here never fails a request: the step is skipped, or the answer is not stored. It must not know Camel,
 * HTTP or the routes.
 */
@NullMarked
package io.bactrian.lastresort;

import org.jspecify.annotations.NullMarked;
