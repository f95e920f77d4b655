/** Counts and times of requests and calls, and the log line of each request. */
@NullMarked
package io.bactrian.metrics;

import org.jspecify.annotations.NullMarked;
