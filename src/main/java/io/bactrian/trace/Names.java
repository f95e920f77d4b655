package io.bactrian.trace;

import static io.opentelemetry.api.common.AttributeKey.booleanKey;
import static io.opentelemetry.api.common.AttributeKey.doubleKey;
import static io.opentelemetry.api.common.AttributeKey.longKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;

import io.bactrian.config.Service;
import io.opentelemetry.api.common.AttributeKey;

/** The names of attributes and events: those of the HTTP, messaging and GenAI conventions 1.41, and the gateway's own. */
public final class Names {
    static final AttributeKey<String> METHOD = stringKey("http.request.method");
    static final AttributeKey<String> ROUTE = stringKey("http.route");
    static final AttributeKey<String> PATH = stringKey("url.path");
    static final AttributeKey<String> SCHEME = stringKey("url.scheme");
    static final AttributeKey<String> USER_AGENT = stringKey("user_agent.original");
    static final AttributeKey<Long> STATUS = longKey("http.response.status_code");
    static final AttributeKey<String> ERROR = stringKey("error.type");
    static final AttributeKey<String> ADDRESS = stringKey("server.address");
    static final AttributeKey<Long> PORT = longKey("server.port");
    static final AttributeKey<String> MESSAGING = stringKey("messaging.system");
    static final AttributeKey<String> DESTINATION = stringKey("messaging.destination.name");
    static final AttributeKey<String> MESSAGING_OPERATION = stringKey("messaging.operation.type");

    static final AttributeKey<String> OPERATION = stringKey("gen_ai.operation.name");
    static final AttributeKey<String> PROVIDER = stringKey("gen_ai.provider.name");
    static final AttributeKey<String> ASKED_MODEL = stringKey("gen_ai.request.model");
    static final AttributeKey<String> ANSWERING_MODEL = stringKey("gen_ai.response.model");
    static final AttributeKey<Long> INPUT_TOKENS = longKey("gen_ai.usage.input_tokens");
    static final AttributeKey<Long> OUTPUT_TOKENS = longKey("gen_ai.usage.output_tokens");
    static final AttributeKey<Double> FIRST_CHUNK = doubleKey("gen_ai.response.time_to_first_chunk");

    static final AttributeKey<String> REQUEST = stringKey("bactrian.request");
    static final AttributeKey<String> CALLER = stringKey("bactrian.caller");
    static final AttributeKey<String> CHAIN = stringKey("bactrian.chain");
    static final AttributeKey<String> OUTCOME = stringKey("bactrian.outcome");
    static final AttributeKey<String> TARGET = stringKey("bactrian.target");
    static final AttributeKey<String> ATTEMPTS = stringKey("bactrian.attempts");
    static final AttributeKey<Long> FALLBACKS = longKey("bactrian.fallbacks");
    static final AttributeKey<String> DEGRADED = stringKey("bactrian.degraded");
    static final AttributeKey<Boolean> STREAM = booleanKey("bactrian.stream");
    static final AttributeKey<Long> ATTEMPT = longKey("bactrian.attempt");
    static final AttributeKey<Boolean> TRIAL = booleanKey("bactrian.trial");
    static final AttributeKey<String> DRILL = stringKey("bactrian.drill");
    static final AttributeKey<String> RESCUE = stringKey("bactrian.rescue");
    static final AttributeKey<String> REASON = stringKey("bactrian.reason");
    static final AttributeKey<Long> MILLIS = longKey("bactrian.ms");

    static final String SKIPPED = "skipped";
    static final String WAITED = "waited";
    static final String RESCUED = "rescued";
    static final String LAST_RESORT = "last resort";

    /** The operation of a request to count tokens, for which the conventions have no name. */
    static final String COUNT_TOKENS = "count_tokens";

    private Names() {}

    /** The conventions' word for a service, which metrics have as well. */
    public static String operation(Service service) {
        return switch (service) {
            case CHAT -> "chat";
            case EMBEDDINGS -> "embeddings";
            case COMPLETIONS -> "text_completion";
        };
    }
}
