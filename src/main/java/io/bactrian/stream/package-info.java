/**
 * The reader of server-sent events, and the seams that join the text of another answer to the text that was sent to the
 * caller before a stream broke. Begin with {@link io.bactrian.stream.SseReader} for the one and
 * {@link io.bactrian.stream.Seam} for the other. What of an answer is held back is decided elsewhere, by {@code AnswerFlow} in
 * {@code request}.
 *
 * <p>It works on bytes and text alone. It must not know any other package of the gateway, nor JSON, nor a provider's
 * protocol.
 */
@NullMarked
package io.bactrian.stream;

import org.jspecify.annotations.NullMarked;
