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
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.SpecVersionDetector;
import io.bactrian.config.Bound;
import io.bactrian.config.RequestBounds;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A check that an answer is the JSON that its request asks for. It is for translated requests: there the gateway, not the
 * provider, has to make sure that the answer is valid. It loads no schema from other places. Thread-safe.
 */
public final class SchemaCheck implements Consumer<String> {
    private static final SchemaValidatorsConfig CONFIG = SchemaValidatorsConfig.builder()
            .failFast(true)
            .preloadJsonSchema(false)
            .preloadJsonSchemaRefMaxNestingDepth(0)
            .regularExpressionFactory(BoundedPattern::new)
            .build();

    private static final ObjectReader WHOLE = Json.ANSWERS.with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** The bytes of a node in a tree. */
    private static final int BYTES_PER_NODE = 100;

    private static final int STEPS_OF_RULES = 5;

    private static final int MOST_KNOWN_BYTES = 16 << 20;
    /** A schema counts for at least so much, which bounds their number. */
    private static final int LEAST_BYTES = 32 << 10;

    /** The good schemas used lately: applications use the same few again and again. */
    private static final Cache<JsonNode, Boolean> KNOWN = Caffeine.newBuilder()
            .maximumWeight(MOST_KNOWN_BYTES)
            .weigher((JsonNode schema, Boolean good) -> weight(schema))
            .build();

    static {
        // What the library loads at first must not count, and a class that is loaded when the stack is full is lost.
        keepsToRules(sample("{'$ref':'#/$defs/a','$defs':{'a':{'type':'string','pattern':'a','enum':['a']}}}"));
        try {
            prepare(sample("{'properties':{'a':{'$ref':'#/$defs/a'}}}"));
        } catch (JsonSchemaException e) {
            // That schema is wrong on purpose.
        }
    }

    /** The check for any JSON object. */
    public static final Consumer<String> ANY_OBJECT = answer -> {
        if (!parse(answer).isObject()) {
            throw invalid("the answer is not a JSON object");
        }
    };

    private final JsonNode schema;
    private final int maxSteps;
    private final Consumer<Bound> reached;

    private SchemaCheck(JsonNode schema, int maxSteps, Consumer<Bound> reached) {
        this.schema = schema;
        this.reached = reached;
        this.maxSteps = maxSteps;
    }

    /**
     * The check for a schema; null if the node is not an object.
     *
     * @param param the field of the request that has the schema
     * @throws CallFailed INVALID_REQUEST if it is not a valid schema, or one that is too large or takes too many steps to read
     */
    public static @Nullable SchemaCheck of(JsonNode schema, String param, ChatRequest request) {
        return of(schema, param, request.bounds(), request::reached);
    }

    static @Nullable SchemaCheck of(JsonNode schema, String param, RequestBounds bounds, Consumer<Bound> reached) {
        if (!schema.isObject()) {
            return null;
        }
        if (JsonSize.exceeds(schema, bounds.maxSchema())) {
            reached.accept(Bound.SCHEMA);
            throw refused(param, "The JSON schema has more than " + bounds.maxSchema() + " bytes.");
        }
        if (KNOWN.getIfPresent(schema) == null) {
            verify(schema, param, bounds.maxSchemaSteps(), reached);
            KNOWN.put(schema, true);
        }
        return new SchemaCheck(schema, bounds.maxSchemaSteps(), reached);
    }

    private static void verify(JsonNode schema, String param, int maxSteps, Consumer<Bound> reached) {
        try {
            SchemaSteps.within(STEPS_OF_RULES * (long) maxSteps, () -> keepsToRules(schema));
            SchemaSteps.within(maxSteps, () -> prepare(schema));
        } catch (SchemaSteps.TooMany e) {
            reached.accept(Bound.SCHEMA_STEPS);
            throw refused(param, "The JSON schema takes too many steps to check.");
        } catch (RuntimeException | StackOverflowError e) {
            // The schema is none, or refers to itself endlessly.
            throw refused(param, "The JSON schema cannot be understood.");
        }
    }

    /** Checks a schema by the schema of schemas, whose steps grow with the schema and not faster. */
    private static void keepsToRules(JsonNode schema) {
        SpecVersion.VersionFlag draft =
                SpecVersionDetector.detectOptionalVersion(schema, false).orElse(SpecVersion.VersionFlag.V202012);
        if (!SchemaDialects.rules(draft).validate(schema).isEmpty()) {
            throw new JsonSchemaException("not a schema");
        }
    }

    /** Reads all of a schema, so that references to nowhere are found. */
    private static void prepare(JsonNode schema) {
        JsonSchema read = read(schema);
        read.initializeValidators();
        read.validate(NullNode.getInstance());
    }

    /** Reads a schema for one check: the library keeps all that it has ever seen on a way through the schema. */
    private static JsonSchema read(JsonNode schema) {
        return SchemaDialects.FACTORY.getSchema(schema, CONFIG);
    }

    private static JsonNode sample(String schema) {
        return parse(schema.replace('\'', '"'));
    }

    private static int weight(JsonNode schema) {
        long bytes = JsonSize.bytes(schema) + (long) BYTES_PER_NODE * JsonSize.nodes(schema);
        return (int) Math.clamp(bytes, LEAST_BYTES, Integer.MAX_VALUE);
    }

    private static CallFailed refused(String param, String reason) {
        return new CallFailed(Failure.invalidRequest(param, reason));
    }

    @Override
    public void accept(String answer) {
        AtomicBoolean good = new AtomicBoolean();
        JsonNode node = parse(answer);
        try {
            SchemaSteps.within(
                    maxSteps,
                    () -> good.set(
                            !node.isMissingNode() && read(schema).validate(node).isEmpty()));
        } catch (RuntimeException | StackOverflowError e) {
            reached.accept(Bound.SCHEMA_STEPS);
            // The caller's schema is to blame, and not the target.
            throw new CallFailed(
                    Failure.of(FailureClass.INVALID_RESPONSE, 200, "the answer cannot be checked against the schema"),
                    false,
                    false);
        }
        if (!good.get()) {
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
