package io.bactrian.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.protocol.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** YAML documents of {@code deploy/} as JSON trees. Stateless. */
final class Manifests {
    static final Path DEPLOY = Path.of("deploy");
    static final Path KUBERNETES = DEPLOY.resolve("kubernetes");
    static final Path BASE = KUBERNETES.resolve("base");
    static final Path CAMEL_K = DEPLOY.resolve("camel-k");

    private Manifests() {}

    /** The documents of a file. */
    static List<JsonNode> in(Path file) {
        try {
            return parse(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The only document of a file. */
    static JsonNode one(Path file) {
        List<JsonNode> all = in(file);
        if (all.size() != 1) {
            throw new AssertionError(file + " has " + all.size() + " documents");
        }
        return all.getFirst();
    }

    static List<JsonNode> parse(String yaml) {
        List<JsonNode> documents = new ArrayList<>();
        new Load(LoadSettings.builder().build())
                .loadAllFromString(yaml)
                .forEach(document -> documents.add(Json.MAPPER.valueToTree(document)));
        return documents;
    }

    /** The document of a kind and name. */
    static JsonNode find(List<JsonNode> documents, String kind, String name) {
        return documents.stream()
                .filter(document -> document.path("kind").asText().equals(kind)
                        && document.at("/metadata/name").asText().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no " + kind + " " + name));
    }

    /** The container of a Deployment, or of an Integration's template. */
    static JsonNode container(JsonNode document) {
        JsonNode template = document.path("spec").path("template").path("spec");
        return template.path("containers").path(0);
    }
}
