/**
 * What the gateway does, seen from outside: real sockets on both sides.
 *
 * <p>Two classes run at a time, each with a gateway of its own. What a test measures must not depend on how busy the machine
 * is: an upper bound of time lies near what the defect would cost, or holds for the least of several tries. A class that looks
 * at the whole process, such as its heap or its threads, is {@code @Isolated}.
 */
@NullMarked
package io.bactrian.behaviour;

import org.jspecify.annotations.NullMarked;
