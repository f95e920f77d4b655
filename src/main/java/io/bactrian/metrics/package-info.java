/**
 * The meters of requests, calls, tokens and costs, and the log line of each request. Begin with
 * {@link io.bactrian.metrics.Recorder}, which receives every call and request; {@link io.bactrian.metrics.Meters} has
 * the figures that the status document shows.
 *
 * <p>It reads requests and changes nothing in them. It must not know Camel or HTTP, nor log a prompt, an answer or a
 * key.
 */
@NullMarked
package io.bactrian.metrics;

import org.jspecify.annotations.NullMarked;
