/**
 * OpenAI's Chat Completions, for callers ({@link io.bactrian.protocol.openai.ChatCompletions}) and for providers
 * ({@link io.bactrian.protocol.openai.ChatProvider}). Its form is also the canonical form, to and from which the other protocols
 * translate; {@code request} uses {@code ChatCompletions}, {@code ChatChunk} and {@code ContinuedChunk} as such.
 *
 * <p>It knows no other vendor. Field names such as {@code choices} stand here and in {@code protocol.translation}; errors of
 * providers are read in {@code provider.failure}, in every vendor's shape.
 */
@NullMarked
package io.bactrian.protocol.openai;

import org.jspecify.annotations.NullMarked;
