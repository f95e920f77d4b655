package io.bactrian.issues;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Gateway;
import io.bactrian.testing.StubProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With uploads switched off platform-http still takes them, into a folder of the working directory. */
final class UploadsTest {
    private static final Path FOLDER = Path.of("file-uploads");
    private static final String[] TYPE = {"content-type", "multipart/form-data; boundary=x"};
    private static final String BODY =
            "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f.txt\"\r\n\r\nhello\r\n--x--\r\n";

    @BeforeEach
    @AfterEach
    void empty() throws IOException {
        Files.deleteIfExists(FOLDER);
    }

    @Test
    void platform_http_takes_files_although_told_not_to() throws Exception {
        try (PlainCamel camel = PlainCamel.serving(
                server -> server.getBodyHandler().setHandleFileUploads(false),
                routes -> routes.from("platform-http:/in").setBody().constant("fine"))) {

            camel.post("/in", BODY, TYPE);

            assertThat(FOLDER).exists();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/chat/completions", "/status", "/elsewhere"})
    void the_gateway_takes_none(String path) {
        try (StubProvider stub = StubProvider.openai();
                Gateway gateway = Gateway.over(Map.of("p", stub), "bactrian.server.keys=team:secret")) {

            assertThat(gateway.post(path, BODY, TYPE).status()).isEqualTo(401);

            assertThat(FOLDER).doesNotExist();
        }
    }
}
