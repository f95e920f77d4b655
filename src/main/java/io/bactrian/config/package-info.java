/** Properties to immutable records, every mistake reported at once. */
@NullMarked
package io.bactrian.config;

import org.jspecify.annotations.NullMarked;
