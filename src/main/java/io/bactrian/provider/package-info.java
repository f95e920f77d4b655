/** The providers: their wire protocols, the call to one of them, and what its failures mean. */
@NullMarked
package io.bactrian.provider;

import org.jspecify.annotations.NullMarked;
