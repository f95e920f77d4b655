/**
 * The room for protocols: what all of them share, in no vendor's words. A request as a view of the caller's bytes, the parts of
 * an answer, usage, problems, and the two interfaces that a protocol implements. Begin with
 * {@link io.bactrian.protocol.CallerProtocol} and {@link io.bactrian.protocol.ProviderProtocol}.
 *
 * <p>Nothing here may depend on {@code openai} or {@code anthropic}, or name a field that only one vendor has. Of
 * {@code translation} only what its results are made of is used ({@code Translated}, {@code Untranslatable},
 * {@code ChatTarget}), and {@code Usages}, which reads token counts in either vocabulary.
 */
@NullMarked
package io.bactrian.protocol;

import org.jspecify.annotations.NullMarked;
