package io.bactrian.protocol;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.NullNode;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaException;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.SpecVersionDetector;
import com.networknt.schema.resource.DisallowSchemaLoader;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A check that an answer is the JSON that its request asks for. It is for translated requests: there the gateway, not the
 * provider, has to make sure that the answer is valid. It loads no schema from other places. Thread-safe.
 */
public final class SchemaCheck implements Consumer<String> {
    private static final JsonSchemaFactory FACTORY = JsonSchemaFactory.getInstance(
            SpecVersion.VersionFlag.V202012,
            builder -> builder.schemaLoaders(loaders -> loaders.add(DisallowSchemaLoader.getInstance())));

    private static final SchemaValidatorsConfig CONFIG = SchemaValidatorsConfig.builder()
            .failFast(true)
            .regularExpressionFactory(BoundedPattern::new)
            .build();

    /** The settings for the check of a schema itself; its patterns have to be valid regular expressions. */
    private static final SchemaValidatorsConfig STRICT = SchemaValidatorsConfig.builder()
            .failFast(true)
            .formatAssertionsEnabled(true)
            .build();

    private static final ObjectReader WHOLE = Json.MAPPER.reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** The schemas used lately: applications use the same few again and again. */
    private static final Cache<JsonNode, SchemaCheck> KNOWN =
            Caffeine.newBuilder().maximumSize(500).build();

    /** The check for any JSON object. */
    public static final Consumer<String> ANY_OBJECT = answer -> {
        if (!parse(answer).isObject()) {
            throw invalid("the answer is not a JSON object");
        }
    };

    private final JsonSchema schema;

    private SchemaCheck(JsonSchema schema) {
        this.schema = schema;
    }

    /**
     * The check for a schema; null if the node is not an object.
     *
     * @param param the field of the request that has the schema
     * @throws CallFailed INVALID_REQUEST if it is not a valid schema
     */
    public static @Nullable SchemaCheck of(JsonNode schema, String param) {
        if (!schema.isObject()) {
            return null;
        }
        try {
            return KNOWN.get(schema, SchemaCheck::read);
        } catch (JsonSchemaException | IllegalArgumentException e) {
            throw notUnderstood(param);
        } catch (StackOverflowError e) {
            // The schema refers to itself endlessly.
            throw notUnderstood(param);
        }
    }

    private static SchemaCheck read(JsonNode schema) {
        SpecVersion.VersionFlag draft =
                SpecVersionDetector.detectOptionalVersion(schema, false).orElse(SpecVersion.VersionFlag.V202012);
        JsonSchema rules = JsonSchemaFactory.getInstance(draft).getSchema(SchemaLocation.of(draft.getId()), STRICT);
        if (!rules.validate(schema).isEmpty()) {
            throw new JsonSchemaException("not a schema");
        }
        JsonSchema read = FACTORY.getSchema(schema, CONFIG);
        read.initializeValidators();
        read.validate(NullNode.getInstance());
        return new SchemaCheck(read);
    }

    private static CallFailed notUnderstood(String param) {
        return new CallFailed(Failure.invalidRequest(param, "The JSON schema cannot be understood."));
    }

    @Override
    public void accept(String answer) {
        boolean good;
        JsonNode node = parse(answer);
        try {
            good = !node.isMissingNode() && schema.validate(node).isEmpty();
        } catch (JsonSchemaException | StackOverflowError e) {
            throw invalid("the answer cannot be checked against the schema");
        }
        if (!good) {
            throw invalid("the answer does not match the schema");
        }
    }

    private static JsonNode parse(String answer) {
        try {
            return WHOLE.readTree(answer);
        } catch (JsonProcessingException e) {
            throw invalid("the answer is not JSON");
        } catch (StackOverflowError e) {
            throw invalid("the answer cannot be checked");
        }
    }

    /** No sign of the target's health, because the schema is the caller's own. */
    private static CallFailed invalid(String reason) {
        return new CallFailed(
                Failure.of(FailureClass.INVALID_RESPONSE, 200, reason).about(Failure.Concern.REQUEST));
    }
}
