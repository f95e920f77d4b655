/**
 * The choice among targets before any of them fails: the order of a chain by speed, price or load, weighted balancing,
 * the share of requests that may be hedged, and the claims on measuring a target that is rarely asked. Begin with
 * {@link io.bactrian.selection.ChainOrdering}.
 *
 * <p>It reads what {@code health} has measured and changes nothing there; it must not know Camel, HTTP or a failure.
 */
@NullMarked
package io.bactrian.selection;

import org.jspecify.annotations.NullMarked;
