package io.bactrian.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.ExecutionContext;
import com.networknt.schema.JsonNodePath;
import com.networknt.schema.JsonValidator;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.ValidationMessage;
import java.util.Set;

/** A keyword of one schema that counts the {@link SchemaSteps} of each check. Thread-safe. */
final class CountedValidator implements JsonValidator {
    /** What a keyword does with one name or value of a list is less than a step. */
    private static final int PARTS_PER_STEP = 4;

    private final JsonValidator validator;
    private final JsonNode rule;
    private final int breadth;

    /**
     * @param rule the value of the keyword
     * @param breadth how many values and names it has
     */
    CountedValidator(JsonValidator validator, JsonNode rule, int breadth) {
        this.validator = validator;
        this.rule = rule;
        this.breadth = breadth;
    }

    @Override
    public Set<ValidationMessage> validate(
            ExecutionContext context, JsonNode node, JsonNode root, JsonNodePath location) {
        SchemaSteps.take(1 + (breadth + node.size()) / PARTS_PER_STEP);
        if (node.isTextual()) {
            SchemaSteps.takeText(node.textValue().length());
        }
        switch (getKeyword()) {
            case "enum", "const" -> {
                SchemaSteps.takeAll(node);
                rule.forEach(value -> SchemaSteps.takeText(value.asText().length()));
            }
            case "format" -> SchemaSteps.takeSquared(node.asText().length());
            case "uniqueItems" -> SchemaSteps.takeSet(node);
            case "patternProperties" -> SchemaSteps.take((long) breadth * node.size() / PARTS_PER_STEP);
            default -> {}
        }
        return validator.validate(context, node, root, location);
    }

    @Override
    public void preloadJsonSchema() {
        CountedKeyword.prepare(validator);
    }

    @Override
    public SchemaLocation getSchemaLocation() {
        return validator.getSchemaLocation();
    }

    @Override
    public JsonNodePath getEvaluationPath() {
        return validator.getEvaluationPath();
    }

    @Override
    public String getKeyword() {
        return validator.getKeyword();
    }
}
