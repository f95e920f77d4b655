/**
 * OpenAI's Chat Completions, at both ends: reading a caller's request, writing it to a provider, scanning its chunks, putting
 * documents together from streams and taking them apart again. Field names such as {@code choices} stand only here and in
 * {@code protocol.translation}.
 *
 * <p>Chat Completions is also the canonical form that the other protocols are translated to.
 */
@NullMarked
package io.bactrian.protocol.openai;

import org.jspecify.annotations.NullMarked;
