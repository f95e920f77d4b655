package io.bactrian.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonNodePath;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaRef;
import com.networknt.schema.JsonValidator;
import com.networknt.schema.Keyword;
import com.networknt.schema.RefValidator;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.TypeValidator;
import com.networknt.schema.ValidationContext;

/** A keyword of JSON schemas whose work is counted, both that of reading it and that of each check. Thread-safe. */
final class CountedKeyword implements Keyword {
    /** Reading a keyword takes more time and memory than checking a value. */
    private static final int STEPS_TO_READ = 4;

    private final Keyword keyword;

    CountedKeyword(Keyword keyword) {
        this.keyword = keyword;
    }

    @Override
    public String getValue() {
        return keyword.getValue();
    }

    @Override
    public JsonValidator newValidator(
            SchemaLocation location, JsonNodePath path, JsonNode value, JsonSchema parent, ValidationContext context)
            throws Exception {
        int breadth = breadth(value);
        SchemaSteps.take(STEPS_TO_READ * (1L + breadth));
        switch (keyword.getValue()) {
            case "enum" -> SchemaSteps.takeSet(value);
            case "const", "pattern" -> SchemaSteps.takeAll(value);
            case "patternProperties" ->
                value.fieldNames().forEachRemaining(pattern -> SchemaSteps.takeText(pattern.length()));
            default -> {}
        }
        JsonValidator validator = keyword.newValidator(location, path, value, parent, context);
        // The library looks for this class; what it does takes no time.
        return validator == null || validator instanceof TypeValidator
                ? validator
                : new CountedValidator(validator, value, breadth);
    }

    /** Has what a reference refers to read as well, but each part of the schema once only. */
    static void prepare(JsonValidator validator) {
        validator.preloadJsonSchema();
        JsonSchemaRef reference = validator instanceof RefValidator ref ? ref.getSchemaRef() : null;
        JsonSchema referred = reference == null ? null : reference.getSchema();
        if (referred != null && SchemaSteps.isNew(referred.getSchemaLocation().toString())) {
            referred.initializeValidators();
        }
    }

    private static int breadth(JsonNode value) {
        int breadth = value.size();
        for (JsonNode part : value) {
            breadth += part.size();
        }
        return breadth;
    }
}
