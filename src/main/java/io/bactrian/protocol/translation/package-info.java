/**
 * The translation between OpenAI Chat Completions and Anthropic Messages, in both directions: requests, whole answers
 * and streams. Begin with {@link io.bactrian.protocol.translation.ChatToMessages} and
 * {@link io.bactrian.protocol.translation.MessagesToChat} for documents; {@code ChunksToMessages} and
 * {@code MessagesToChunks} translate streams.
 *
 * <p>It is made of functions on JSON trees. It must not know any other package of the gateway.
 */
@NullMarked
package io.bactrian.protocol.translation;

import org.jspecify.annotations.NullMarked;
