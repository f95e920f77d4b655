package io.bactrian.testing;

import static org.awaitility.Awaitility.await;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A PostgreSQL server for tests: the one that a test library brings along, or else one that is installed here. */
public final class Postgres implements AutoCloseable {
    private static final Path INSTALLED = Path.of("/usr/lib/postgresql");

    private final String url;
    private final AutoCloseable server;

    private Postgres(String url, AutoCloseable server) {
        this.url = url;
        this.server = server;
    }

    /** Starts one; skips the test where there is none to start. */
    public static Postgres start() {
        try {
            EmbeddedPostgres embedded = EmbeddedPostgres.builder().start();
            return new Postgres(embedded.getJdbcUrl("postgres", "postgres"), embedded);
        } catch (IOException | RuntimeException e) {
            return installed(String.valueOf(e.getMessage()));
        }
    }

    private static Postgres installed(String why) {
        try {
            Path binaries = binaries();
            Assumptions.assumeTrue(
                    binaries != null, "no PostgreSQL: the embedded one says " + why + ", and none is in " + INSTALLED);
            Path data = Folders.temporary("bactrian-postgres");
            run("chown", "postgres", data.toString());
            run("runuser", "-u", "postgres", "--", binaries + "/initdb", "-A", "trust", "-D", data + "/db");
            int port = Ports.free();
            Process process = new ProcessBuilder(
                            "runuser",
                            "-u",
                            "postgres",
                            "--",
                            binaries + "/postgres",
                            "-D",
                            data + "/db",
                            "-p",
                            Integer.toString(port),
                            "-k",
                            data.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            Postgres started = new Postgres("jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres", () -> {
                process.descendants().forEach(ProcessHandle::destroy);
                process.destroy();
            });
            await().atMost(Duration.ofSeconds(20)).until(started::answers);
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path binaries() throws IOException {
        if (!Files.isDirectory(INSTALLED)) {
            return null;
        }
        try (Stream<Path> versions = Files.list(INSTALLED)) {
            return versions.map(version -> version.resolve("bin"))
                    .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
                    .findFirst()
                    .orElse(null);
        }
    }

    private static void run(String... command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            if (process.waitFor() != 0) {
                throw new IOException(List.of(command) + " failed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private boolean answers() {
        try (Connection connection = DriverManager.getConnection(url)) {
            return connection.isValid(1);
        } catch (SQLException e) {
            return false;
        }
    }

    public String url() {
        return url;
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
