package io.bactrian.config;

/** The way a provider's key is sent: {@code Authorization: Bearer}, {@code x-api-key}, {@code api-key} or not at all. */
public enum Auth {
    BEARER,
    X_API_KEY,
    API_KEY,
    NONE
}
