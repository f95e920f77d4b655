/**
 * Several gateways as one, at length: real processes behind nginx, on one broker and one store. {@code it/nodes/run.sh} starts
 * {@link io.bactrian.severalnodes.NodesRun}.
 */
package io.bactrian.severalnodes;
