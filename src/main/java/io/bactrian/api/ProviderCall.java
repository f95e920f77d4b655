package io.bactrian.api;

/**
 * One call to a provider that a request has made. Immutable.
 *
 * @param target the name of the target that was called
 * @param outcome {@code OK}, or the class of the failure, such as {@code RATE_LIMITED}
 * @param status the HTTP status of the response; 0 if there was none
 * @param millis how long the call took, in milliseconds
 */
public record ProviderCall(String target, String outcome, int status, long millis) {}
