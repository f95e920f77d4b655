package io.bactrian.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.AnnotationKeyword;
import com.networknt.schema.Format;
import com.networknt.schema.FormatKeyword;
import com.networknt.schema.JsonMetaSchema;
import com.networknt.schema.JsonNodePath;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.JsonValidator;
import com.networknt.schema.Keyword;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationContext;
import com.networknt.schema.Vocabularies;
import com.networknt.schema.Vocabulary;
import com.networknt.schema.resource.DisallowSchemaLoader;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The drafts of JSON schemas, with keywords whose work is counted. Nothing is loaded from other places. Thread-safe. */
final class SchemaDialects {
    private static final List<JsonMetaSchema> DRAFTS = Stream.of(
                    JsonMetaSchema.getV4(),
                    JsonMetaSchema.getV6(),
                    JsonMetaSchema.getV7(),
                    JsonMetaSchema.getV201909(),
                    JsonMetaSchema.getV202012())
            .map(SchemaDialects::counted)
            .toList();

    /** What reads callers' schemas. */
    static final JsonSchemaFactory FACTORY = JsonSchemaFactory.builder()
            .defaultMetaSchemaIri(VersionFlag.V202012.getId())
            .metaSchemas(DRAFTS)
            .schemaLoaders(loaders -> loaders.add(DisallowSchemaLoader.getInstance()))
            .build();

    /** What reads the schemas of schemas; it keeps none, because they grow with each schema that is checked. */
    private static final JsonSchemaFactory OWN_FACTORY = JsonSchemaFactory.builder()
            .defaultMetaSchemaIri(VersionFlag.V202012.getId())
            .metaSchemas(DRAFTS)
            .enableSchemaCache(false)
            .build();

    /** The settings for the check of a schema itself; its patterns have to be valid regular expressions. */
    private static final SchemaValidatorsConfig STRICT = SchemaValidatorsConfig.builder()
            .failFast(true)
            .formatAssertionsEnabled(true)
            .preloadJsonSchema(false)
            .build();

    private SchemaDialects() {}

    /** The schema of the schemas of a draft. */
    static JsonSchema rules(VersionFlag draft) {
        return OWN_FACTORY.getSchema(SchemaLocation.of(draft.getId()), STRICT);
    }

    private static JsonMetaSchema counted(JsonMetaSchema draft) {
        return JsonMetaSchema.builder(draft)
                .keywords(keywords -> keywords.replaceAll((name, keyword) -> counted(keyword)))
                .vocabularyFactory(SchemaDialects::vocabulary)
                .formatKeywordFactory(CountedFormat::new)
                // The library's own factory keeps and logs every word that it does not know.
                .unknownKeywordFactory((name, context) -> new CountedKeyword(new AnnotationKeyword(name)))
                .build();
    }

    private static @Nullable Vocabulary vocabulary(String id) {
        Vocabulary known = Vocabularies.getVocabulary(id);
        return known == null
                ? null
                : new Vocabulary(
                        id,
                        known.getKeywords().stream()
                                .map(SchemaDialects::counted)
                                .toArray(Keyword[]::new));
    }

    private static Keyword counted(Keyword keyword) {
        return keyword.getValue().equals("format") ? keyword : new CountedKeyword(keyword);
    }

    /** Formats are regular expressions of the library, some of which look at a character again for each one behind it. */
    private static final class CountedFormat extends FormatKeyword {
        CountedFormat(Map<String, Format> formats) {
            super(formats);
        }

        @Override
        public JsonValidator newValidator(
                SchemaLocation location,
                JsonNodePath path,
                JsonNode value,
                JsonSchema parent,
                ValidationContext context) {
            return new CountedValidator(super.newValidator(location, path, value, parent, context), value, 0);
        }
    }
}
