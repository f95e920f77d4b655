/**
 * Tools of the tests: gateways, stub providers that answer, stall, lie and die as they are told, and callers.
 *
 * <p>An integration test has its gateway and the stubs through {@link io.bactrian.testing.GatewayExtension}; begin there. A
 * test about starting, stopping, several gateways or another configuration opens a {@link io.bactrian.testing.Scene} of its
 * own, and a {@link io.bactrian.testing.Program} where it is about the built program. Providers are real sockets, so nothing
 * of the gateway is replaced.
 */
@NullMarked
package io.bactrian.testing;

import org.jspecify.annotations.NullMarked;
