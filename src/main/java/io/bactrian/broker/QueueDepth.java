package io.bactrian.broker;

/**
 * The messages of a queue. Immutable.
 *
 * @param messages how many there are, those in flight included
 * @param oldestMillis the age of the oldest one in milliseconds; 0 if there is none
 */
public record QueueDepth(long messages, long oldestMillis) {}
