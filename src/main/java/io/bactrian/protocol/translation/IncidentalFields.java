package io.bactrian.protocol.translation;

import java.util.Set;

/** The fields of a request, in both vocabularies, that do not change what is asked. */
public final class IncidentalFields {
    /** Fields that say who asks, how the answer travels, or what it costs. */
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
