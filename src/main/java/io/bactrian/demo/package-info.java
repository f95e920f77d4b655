/** Simulated providers that stand in where no key is set, over real loopback HTTP. */
@NullMarked
package io.bactrian.demo;

import org.jspecify.annotations.NullMarked;
