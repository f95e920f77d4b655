/** One chat request on its way through the house: what was asked, who was tried, what was answered. */
@NullMarked
package io.bactrian.request;

import org.jspecify.annotations.NullMarked;
