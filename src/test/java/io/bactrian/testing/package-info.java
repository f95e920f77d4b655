/** Tools of the tests: a provider that answers, stalls, lies and dies as it is told. */
@NullMarked
package io.bactrian.testing;

import org.jspecify.annotations.NullMarked;
