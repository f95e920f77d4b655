/**
 * Anthropic's Messages, for callers ({@link io.bactrian.protocol.anthropic.Messages}) and for providers
 * ({@link io.bactrian.protocol.anthropic.MessagesProvider}), with its token count. For other protocols it translates from and to
 * the canonical form, that of {@code protocol.openai}, by the functions of {@code protocol.translation}.
 *
 * <p>Field names such as {@code stop_reason} stand here and in {@code protocol.translation}; errors of providers are read in
 * {@code provider.failure}, in every vendor's shape.
 */
@NullMarked
package io.bactrian.protocol.anthropic;

import org.jspecify.annotations.NullMarked;
