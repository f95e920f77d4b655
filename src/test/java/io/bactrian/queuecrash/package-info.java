/**
 * The queue while processes are killed: gateways, brokers and the database of stored answers are real ones, and end by force in
 * the middle of their work. Begin with {@link io.bactrian.queuecrash.QueueCrashIT}; {@link io.bactrian.queuecrash.QueueScene} has
 * the processes, {@link io.bactrian.queuecrash.Tally} the counts, and {@link io.bactrian.queuecrash.LongCrashes} is the long
 * version, which {@code it/queue/run.sh} starts.
 */
package io.bactrian.queuecrash;
