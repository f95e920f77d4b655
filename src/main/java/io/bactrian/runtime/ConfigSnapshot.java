package io.bactrian.runtime;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The files of a directory at one moment: {@code application.properties} and {@code routes/*.camel.yaml}, each as a
 * digest of its content. They are read in full each time, because they are small, and the sizes and times of files miss
 * changes. Links are followed, so that it does not matter how a file is replaced. Immutable.
 *
 * @param digests by the name of the file; a directory has an empty one
 */
public record ConfigSnapshot(Map<String, String> digests) {
    public static final String PROPERTIES = "application.properties";
    public static final String ROUTES = "routes";

    public ConfigSnapshot {
        digests = Map.copyOf(digests);
    }

    /**
     * Reads a directory.
     *
     * @throws IOException if a file cannot be read, or disappears while it is read
     */
    public static ConfigSnapshot at(Path directory) throws IOException {
        Map<String, String> digests = new TreeMap<>();
        Path properties = directory.resolve(PROPERTIES);
        if (Files.isRegularFile(properties)) {
            digests.put(PROPERTIES, digest(properties));
        }
        Path routes = directory.resolve(ROUTES);
        if (Files.isDirectory(routes)) {
            digests.put(ROUTES, "");
            try (DirectoryStream<Path> files = Files.newDirectoryStream(routes, "*.camel.yaml")) {
                for (Path file : files) {
                    digests.put(ROUTES + "/" + file.getFileName(), digest(file));
                }
            }
        }
        return new ConfigSnapshot(digests);
    }

    /** True if a file or directory of this name exists. */
    public boolean has(String name) {
        return digests.containsKey(name);
    }

    /** The route files that differ from before, such as {@code routes/chat.camel.yaml changed}. */
    public List<String> routesSince(ConfigSnapshot before) {
        TreeSet<String> names = new TreeSet<>(digests.keySet());
        names.addAll(before.digests.keySet());
        List<String> words = new ArrayList<>();
        for (String name : names) {
            String was = before.digests.get(name);
            String is = digests.get(name);
            if (name.startsWith(ROUTES + "/") && (was == null || !was.equals(is))) {
                words.add(name + (was == null ? " added" : is == null ? " removed" : " changed"));
            }
        }
        return words;
    }

    private static String digest(Path file) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
