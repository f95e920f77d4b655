/**
 * A toy protocol, for callers and for providers: what a new protocol has to bring, and the running example of
 * {@code docs/adding-a-protocol.md}. A request is {@code {"turns": [{"asked", "said"}], "ask", "begun", "limit"}}, an answer
 * {@code {"said", "ended", "spent"}}, a stream has {@code {"say"}} events, an error is {@code {"failed"}}.
 */
@NullMarked
package io.bactrian.protocol.toy;

import org.jspecify.annotations.NullMarked;
