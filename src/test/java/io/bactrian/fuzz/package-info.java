/**
 * Fuzz targets: odd requests and odd answers of providers, made from valid ones by chance.
 *
 * <p>A {@link io.bactrian.fuzz.Mutator} makes the input of a number, always the same one; a target says what must hold for
 * it, and a {@link io.bactrian.fuzz.FuzzRun} goes through many numbers, with bounds of time and memory for each.
 */
@NullMarked
package io.bactrian.fuzz;

import org.jspecify.annotations.NullMarked;
