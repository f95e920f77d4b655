/** OpenAI Chat Completions to Anthropic Messages and back: pure functions on JSON. */
@NullMarked
package io.bactrian.protocol.translation;

import org.jspecify.annotations.NullMarked;
