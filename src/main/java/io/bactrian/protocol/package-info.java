/**
 * What a caller and a provider say to each other, without any vendor's words: a request as a view of the caller's bytes, the
 * parts of an answer, usage, problems, and the two interfaces behind which each protocol lives. Begin with
 * {@link io.bactrian.protocol.ChatRequest}.
 *
 * <p>Nothing here may name a vendor's field or import {@code openai}, {@code anthropic} or {@code translation}.
 */
@NullMarked
package io.bactrian.protocol;

import org.jspecify.annotations.NullMarked;
