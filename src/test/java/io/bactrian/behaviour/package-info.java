/** What the gateway does, seen from outside: real sockets on both sides. */
@NullMarked
package io.bactrian.behaviour;

import org.jspecify.annotations.NullMarked;
