/** Tools of the tests: stub providers that answer or fail as scripted, callers, and gateways started for one test. */
@NullMarked
package io.bactrian.testing;

import org.jspecify.annotations.NullMarked;
