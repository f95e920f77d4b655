package io.bactrian.runtime;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The place that an engine has its configuration and routes from: a directory, with the built-in files for what is missing there, or
 * the application that it is embedded in. Immutable.
 *
 * @param directory where its files are and go
 * @param host the gateway's properties in the application's; null if it is a program of its own
 * @param http whether it has an HTTP server
 */
record Installation(Path directory, @Nullable EmbeddedProperties host, boolean http) {
    /** The folder of the built-in files in the jar, where no other jar or application looks for its own. */
    private static final String BUILT_IN = "classpath:io/bactrian/";

    private static final String ROUTES = "classpath:" + ConfigSnapshot.ROUTES + "/";

    /**
     * The routes of an engine without an HTTP server. By their names: an application may be packed so that they cannot be listed, and
     * to list them Camel would unpack the whole jar.
     */
    private static Stream<String> withoutHttp() {
        return Stream.of("chat", "target", "attempt", "last-resort", "alerts", "health", "nodes", "queue", "kafka");
    }

    private static Stream<String> ofHttp() {
        return Stream.of(
                "chat-completions", "embeddings", "completions", "messages", "status", "page", "admin", "http-errors");
    }

    static Installation in(Path directory) {
        return new Installation(directory, null, true);
    }

    static Installation embedded(EmbeddedProperties host) {
        return new Installation(Path.of(""), host, host.http());
    }

    boolean isEmbedded() {
        return host != null;
    }

    /** Where Camel finds the properties. */
    String properties() {
        Optional<Path> file = isEmbedded() ? Optional.empty() : ConfigSnapshot.properties(directory);
        return file.map(path -> "file:" + path).orElse(BUILT_IN + ConfigSnapshot.PROPERTIES);
    }

    /** Where Camel finds the routes. */
    String routes() {
        Path routes = directory.resolve(ConfigSnapshot.ROUTES);
        if (!isEmbedded() && Files.isDirectory(routes)) {
            return "file:" + routes + "/*.camel.yaml";
        }
        return Stream.concat(withoutHttp(), http ? ofHttp() : Stream.empty())
                .map(name -> builtIn(ROUTES) + name + ".camel.yaml")
                .collect(Collectors.joining(","));
    }

    /** A pattern of route files, in which {@code classpath:routes/} is the folder of the built-in ones. */
    static String builtIn(String pattern) {
        return pattern.replace(ROUTES, BUILT_IN + ConfigSnapshot.ROUTES + "/");
    }

    /** The route files of the directory. */
    RouteFiles routeFiles() {
        return isEmbedded() ? RouteFiles.none() : RouteFiles.in(directory);
    }
}
