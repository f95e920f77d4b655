/**
 * Anthropic's Messages, at both ends: reading a caller's request, writing it to a provider, scanning its events, putting
 * documents together from streams and taking them apart again, and counting tokens. Field names such as {@code stop_reason}
 * stand only here and in {@code protocol.translation}.
 */
@NullMarked
package io.bactrian.protocol.anthropic;

import org.jspecify.annotations.NullMarked;
