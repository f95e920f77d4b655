package io.bactrian.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaException;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.resource.DisallowSchemaLoader;
import io.bactrian.chat.Json;
import io.bactrian.fallback.CallFailed;
import io.bactrian.fallback.Failure;
import io.bactrian.fallback.FailureClass;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Holds an answer to the JSON schema that its request asks for, where the request was translated and so the gateway vouches
 * for it. Fetches nothing from anywhere. Thread-safe.
 */
final class SchemaCheck implements Consumer<String> {
    private static final JsonSchemaFactory FACTORY = JsonSchemaFactory.getInstance(
            SpecVersion.VersionFlag.V202012,
            builder -> builder.schemaLoaders(loaders -> loaders.add(DisallowSchemaLoader.getInstance())));

    private static final SchemaValidatorsConfig CONFIG =
            SchemaValidatorsConfig.builder().failFast(true).build();

    /** Applications ask with the same few schemas over and over. */
    private static final Cache<JsonNode, SchemaCheck> KNOWN =
            Caffeine.newBuilder().maximumSize(500).build();

    private final JsonSchema schema;

    private SchemaCheck(JsonSchema schema) {
        this.schema = schema;
    }

    /**
     * The check for a schema; null if there is none.
     *
     * @throws CallFailed INVALID_REQUEST if it cannot be understood
     */
    static @Nullable SchemaCheck of(JsonNode schema, String param) {
        if (!schema.isObject()) {
            return null;
        }
        try {
            return KNOWN.get(schema, s -> {
                JsonSchema read = FACTORY.getSchema(s, CONFIG);
                read.initializeValidators();
                return new SchemaCheck(read);
            });
        } catch (JsonSchemaException | IllegalArgumentException e) {
            throw new CallFailed(Failure.callersMistake(param, "The JSON schema cannot be understood."));
        }
    }

    @Override
    public void accept(String answer) {
        JsonNode node = Json.parse(answer.getBytes(StandardCharsets.UTF_8));
        if (node == null) {
            throw invalid("the answer is not JSON");
        }
        try {
            if (!schema.validate(node).isEmpty()) {
                throw invalid("the answer does not keep to the schema");
            }
        } catch (JsonSchemaException e) {
            throw invalid("the answer cannot be held to the schema");
        }
    }

    private static CallFailed invalid(String reason) {
        return new CallFailed(Failure.of(FailureClass.INVALID_RESPONSE, 200, reason));
    }
}
