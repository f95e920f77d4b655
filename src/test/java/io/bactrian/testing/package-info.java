/**
 * Tools of the tests: gateways, stub providers that answer, stall, lie and die as they are told, and callers.
 *
 * <p>An integration test has its gateway and the stubs through {@link io.bactrian.testing.GatewayExtension}; begin there. A
 * test about starting, stopping, several gateways or another configuration opens a {@link io.bactrian.testing.Scene} of its
 * own, and a {@link io.bactrian.testing.Program} where it is about the built program. Providers are real sockets, so nothing
 * of the gateway is replaced. Faults are methods of a reply, such as {@code Reply.text("one two").stallAfter(1)}: see
 * {@link io.bactrian.testing.ModelReply} and {@link io.bactrian.testing.Reply}.
 */
@NullMarked
package io.bactrian.testing;

import org.jspecify.annotations.NullMarked;
