package io.bactrian.demo;

/**
 * One server-sent event.
 *
 * @param text its lines and the blank line that ends it
 * @param token true if it carries a token, so that a pause precedes it
 */
record Event(String text, boolean token) {}
