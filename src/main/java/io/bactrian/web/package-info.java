/** The HTTP doors: admission, rendering, status. */
@NullMarked
package io.bactrian.web;

import org.jspecify.annotations.NullMarked;
