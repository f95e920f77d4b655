package io.bactrian.behaviour;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Folders;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.StubProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.slf4j.LoggerFactory;

/**
 * A gateway whose files are changed while it runs, and what it logs about that. It looks for changes every 50 ms. Tests that
 * use it at the same time would read each other's log, so their classes have {@code @ResourceLock(LiveGateway.LOG)}. For one
 * thread.
 */
final class LiveGateway implements AutoCloseable {
    static final String LOG = "the log of reloads";
    static final Duration EVERY = Duration.ofMillis(50);
    private static final Path ROUTES = Path.of("routes");

    private final Path directory;
    private final boolean temporary;
    private final Gateway gateway;
    private final Logger logger = (Logger) LoggerFactory.getLogger("io.bactrian");
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    private LiveGateway(Path directory, boolean temporary) {
        this.directory = directory;
        this.temporary = temporary;
        this.gateway = Gateway.in(directory, EVERY);
        log.start();
        logger.addAppender(log);
    }

    /** Starts with these lines as {@code application.properties}. */
    static LiveGateway with(List<String> lines) {
        try {
            Path directory = Folders.temporary("bactrian-live");
            write(directory.resolve("application.properties"), text(lines));
            return new LiveGateway(directory, true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts in a folder as it is. */
    static LiveGateway in(Path directory) {
        return new LiveGateway(directory, false);
    }

    /** Providers p and f without keys, and a default chain over both; of a key that is given twice the last value counts. */
    static List<String> lines(StubProvider p, StubProvider f, String... more) {
        Map<String, StubProvider> providers = new LinkedHashMap<>();
        providers.put("p", p);
        providers.put("f", f);
        return lines(providers, more);
    }

    /** The same for any providers: the default chain asks the model {@code m} of each, in this order. */
    static List<String> lines(Map<String, StubProvider> providers, String... more) {
        Map<String, String> lines = new LinkedHashMap<>();
        lines.put("camel.server.port", "0");
        lines.put("bactrian.health.period", "0s");
        lines.put("bactrian.queue.enabled", "false");
        providers.forEach((name, stub) -> {
            lines.put("bactrian.providers." + name + ".api", stub.api());
            lines.put("bactrian.providers." + name + ".base-url", stub.baseUrl());
            lines.put("bactrian.providers." + name + ".keyless", "true");
        });
        lines.put(
                "bactrian.chains.default",
                providers.keySet().stream().map(name -> name + "/m").collect(Collectors.joining(", ")));
        for (String line : more) {
            int end = line.indexOf('=');
            lines.put(line.substring(0, end), line.substring(end + 1));
        }
        return lines.entrySet().stream()
                .map(line -> line.getKey() + "=" + line.getValue())
                .toList();
    }

    Gateway gateway() {
        return gateway;
    }

    Path directory() {
        return directory;
    }

    /** Changes {@code application.properties}, and waits until that serves. */
    void change(List<String> lines) {
        serves(() -> properties(lines));
    }

    /** Waits until what is changed here serves. */
    void serves(Runnable change) {
        CamelContext before = gateway.context();
        int said = said("Reloaded").size();
        change.run();
        await().atMost(Duration.ofSeconds(60))
                .until(() -> gateway.context() != before && said("Reloaded").size() > said);
    }

    /** Waits until what is changed here is refused; what was said, line by line. */
    List<String> refused(Runnable change) {
        int before = errors().size();
        change.run();
        await().atMost(Duration.ofSeconds(20)).until(() -> configuration().has("lastError"));
        return errors().subList(before, errors().size());
    }

    void properties(List<String> lines) {
        replace("application.properties", text(lines));
    }

    /** Puts a file in the place of another in one step, as good editors do. */
    void replace(String name, String text) {
        try {
            Path file = directory.resolve(name);
            Path next = directory.resolve("next.tmp");
            write(next, text);
            Files.move(next, file, ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void delete(String name) {
        try {
            Files.delete(directory.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts the routes of this repository into the folder. */
    void ownRoutes() {
        try {
            Path next = copyRoutes(directory.resolve("routes.tmp"));
            Files.move(next, directory.resolve("routes"), ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes a folder with the routes of this repository. */
    static Path copyRoutes(Path folder) throws IOException {
        Files.createDirectory(folder);
        try (Stream<Path> routes = Files.list(ROUTES)) {
            for (Path route : routes.toList()) {
                Files.copy(route, folder.resolve(route.getFileName()));
            }
        }
        return folder;
    }

    /** A route of this repository. */
    static String route(String name) {
        try {
            return Files.readString(ROUTES.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    JsonNode status() {
        return gateway.get("/status").json();
    }

    JsonNode configuration() {
        return status().path("configuration");
    }

    /** A target as the status tells of it. */
    JsonNode target(String name) {
        for (JsonNode target : status().path("targets")) {
            if (target.path("name").asText().equals(name)) {
                return target;
            }
        }
        throw new AssertionError("no target " + name + " in " + status());
    }

    /** The lines of the log that begin so. */
    List<String> said(String words) {
        return events().map(ILoggingEvent::getFormattedMessage)
                .filter(line -> line.startsWith(words))
                .toList();
    }

    List<String> errors() {
        return events().filter(event -> event.getLevel() == Level.ERROR)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    private Stream<ILoggingEvent> events() {
        return new ArrayList<>(log.list).stream();
    }

    private static String text(List<String> lines) {
        return String.join("\n", lines) + "\n";
    }

    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
    }

    @Override
    public void close() {
        logger.detachAppender(log);
        gateway.close();
        if (temporary) {
            Folders.delete(directory);
        }
    }
}
