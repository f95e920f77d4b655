/**
 * Figures for the live page: counts of requests and calls over the last minutes, the last events worth seeing, and snapshots of
 * all of it as JSON for each group of callers that may see the same. Also the sessions of people who logged in with a key.
 *
 * <p>Everything is kept in memory, is bounded, and is cheap on the path of a request: requests are counted, and the counters are
 * sampled once a second.
 *
 * <p>Nothing here holds a prompt, an answer or a key.
 */
@NullMarked
package io.bactrian.page;

import org.jspecify.annotations.NullMarked;
