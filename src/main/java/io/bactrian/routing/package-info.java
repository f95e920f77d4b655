/** The beans that the routes refer to: Camel on the outside, the policy on the inside. */
@NullMarked
package io.bactrian.routing;

import org.jspecify.annotations.NullMarked;
