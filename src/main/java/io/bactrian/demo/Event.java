package io.bactrian.demo;

/**
 * One server-sent event.
 *
 * @param text its lines and the blank one that ends it
 * @param token whether it carries a token, so that a pause precedes it
 */
record Event(String text, boolean token) {}
