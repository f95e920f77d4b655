/** Where to now? The failure classes, the plan of a request and the policy that decides; no Camel, no clock of its own. */
@NullMarked
package io.bactrian.policy;

import org.jspecify.annotations.NullMarked;
