package io.bactrian.protocol.translation;

import java.util.Set;

/** The fields of a request, in both vocabularies, that do not change the question. Immutable. */
public final class IncidentalFields {
    /** Fields about the user, the transport of the answer, and its price. */
    public static final Set<String> ALL = Set.of(
            "cache_control",
            "fallbacks",
            "inference_geo",
            "metadata",
            "model",
            "prediction",
            "prompt_cache_key",
            "prompt_cache_options",
            "prompt_cache_retention",
            "safety_identifier",
            "service_tier",
            "speed",
            "store",
            "stream",
            "stream_options",
            "user",
            "user_profile_id");

    private IncidentalFields() {}
}
