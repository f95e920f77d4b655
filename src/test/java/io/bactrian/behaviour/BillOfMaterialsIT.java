package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.protocol.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** The bill of materials beside the jar, which tells scanners what the program consists of. */
final class BillOfMaterialsIT {
    private static final Path FILE = Path.of("target/bactrian.cdx.json");
    private static final Path JAR = Path.of("target/bactrian.jar");

    @Test
    void it_lists_the_libraries_beside_the_jar_and_no_others() throws IOException {
        // Made with -Dcyclonedx.skip=false alone, and not with -o.
        assumeThat(FILE).exists();
        assumeThat(Files.getLastModifiedTime(FILE)).isGreaterThanOrEqualTo(Files.getLastModifiedTime(JAR));
        JsonNode bill = Json.parse(Files.readAllBytes(FILE));
        Set<String> listed = StreamSupport.stream(bill.path("components").spliterator(), false)
                .map(BillOfMaterialsIT::file)
                .collect(Collectors.toCollection(TreeSet::new));

        try (Stream<Path> libraries = Files.list(Path.of("target/lib"))) {
            assertThat(listed)
                    .isEqualTo(libraries
                            .map(path -> path.getFileName().toString())
                            .collect(Collectors.toCollection(TreeSet::new)));
        }
        assertThat(bill.at("/metadata/component/name").asText()).isEqualTo("bactrian");
    }

    private static String file(JsonNode component) {
        String url = component.path("purl").asText();
        String classifier = url.contains("classifier=") ? "-" + url.replaceAll(".*classifier=([^&]*).*", "$1") : "";
        return component.path("name").asText() + "-" + component.path("version").asText() + classifier + ".jar";
    }
}
