/**
 * Behaviour of the gateway, seen from outside: real sockets on both sides.
 *
 * <p>Three classes run at a time, each with a gateway of its own. What a test measures must not depend on how busy the machine
 * is: an upper bound of time lies near what the defect would cost, or holds for the least of several tries. A class that looks
 * at the whole process, such as its heap or its threads, is {@code @Isolated}.
 *
 * <p>Streams: {@code StreamStartIT} before the first word, {@code StreamTimesIT} what stalls or never ends, {@code BrokenStreamsIT}
 * what breaks off, {@code RescueIT} what is finished by another target, {@code HeldBackStreamsIT} what is held back.
 */
@NullMarked
package io.bactrian.behaviour;

import org.jspecify.annotations.NullMarked;
