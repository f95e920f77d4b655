/**
 * Translation between OpenAI's Chat Completions and Anthropic's Messages: requests, answers, and streams chunk by chunk. Begin
 * with {@link io.bactrian.protocol.translation.ChatToMessages} and {@link io.bactrian.protocol.translation.MessagesToChat} for
 * documents, {@link io.bactrian.protocol.translation.ChunksToMessages} and
 * {@link io.bactrian.protocol.translation.MessagesToChunks} for streams.
 *
 * <p>It is pure: JSON in, JSON out, without a clock, a configuration or any other package of the gateway. Numbers stay as they
 * were written.
 */
@NullMarked
package io.bactrian.protocol.translation;

import org.jspecify.annotations.NullMarked;
