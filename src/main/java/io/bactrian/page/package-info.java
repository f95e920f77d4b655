/**
 * Figures for the live page: counts of requests and calls over time, the last events worth seeing, and snapshots of all of it as
 * JSON. Also the sessions of people who logged in. Everything is kept in memory and bounded.
 *
 * <p>Nothing here holds a prompt, an answer or a key.
 */
@NullMarked
package io.bactrian.page;

import org.jspecify.annotations.NullMarked;
