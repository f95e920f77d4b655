/**
 * The meters of requests, calls, tokens and costs, and the log line of each request. Begin with
 * {@link io.bactrian.metrics.Meters}, which counts, and has the figures that the status document shows;
 * {@link io.bactrian.metrics.Recorder} passes every call and request on to it and to the log.
 *
 * <p>It reads requests and changes nothing in them. It must not know Camel or HTTP, nor log a prompt, an answer or a
 * key.
 */
@NullMarked
package io.bactrian.metrics;

import org.jspecify.annotations.NullMarked;
