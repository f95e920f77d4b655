package io.bactrian.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The files of a directory at one moment: {@code application.properties}, or the one in {@code config/}, and
 * {@code routes/*.camel.yaml}, each as a digest of its content. They are read in full each time, because they are small, and the sizes and times of files miss
 * changes. Links are followed, so that it does not matter how a file is replaced. Immutable.
 *
 * @param digests by the name of the file; a directory has an empty one, and so have properties
 *     that say nothing
 */
public record ConfigSnapshot(Map<String, String> digests) {
    public static final String PROPERTIES = "application.properties";
    /** For properties that are mounted, which can be followed only if their whole folder is. */
    public static final String MOUNTED_PROPERTIES = "config/application.properties";

    public static final String ROUTES = "routes";

    private static final List<String> PLACES = List.of(PROPERTIES, MOUNTED_PROPERTIES);
    private static final int MAX_BYTES = 16 << 20;

    public ConfigSnapshot {
        digests = Map.copyOf(digests);
    }

    /**
     * Reads a directory.
     *
     * @throws IOException if a file cannot be read, is none or too large, or disappears while it is read; names the file
     */
    public static ConfigSnapshot at(Path directory) throws IOException {
        Map<String, String> digests = new TreeMap<>();
        for (String name : PLACES) {
            Path properties = directory.resolve(name);
            if (Files.exists(properties)) {
                byte[] content = read(properties, name);
                digests.put(name, saysNothing(content) ? "" : digest(content));
            }
        }
        Path routes = directory.resolve(ROUTES);
        if (Files.isDirectory(routes)) {
            digests.put(ROUTES, "");
            try (DirectoryStream<Path> files = Files.newDirectoryStream(routes, "*.camel.yaml")) {
                for (Path file : files) {
                    String name = ROUTES + "/" + file.getFileName();
                    digests.put(name, digest(read(file, name)));
                }
            }
        }
        return new ConfigSnapshot(digests);
    }

    /**
     * The file with the properties of a directory; empty if there is none.
     *
     * @throws InvalidConfiguration if there are two
     */
    static Optional<Path> properties(Path directory) {
        List<Path> files = PLACES.stream()
                .map(directory::resolve)
                .filter(Files::isRegularFile)
                .toList();
        if (files.size() > 1) {
            throw new InvalidConfiguration(
                    List.of(String.join(" and ", PLACES) + ": only one of them can be used; remove the other"));
        }
        return files.stream().findFirst();
    }

    /** True if a file or directory of this name exists. */
    public boolean has(String name) {
        return digests.containsKey(name);
    }

    /** True if a file of properties has a property. */
    public boolean hasProperties() {
        return PLACES.stream().anyMatch(name -> !digests.getOrDefault(name, "").isEmpty());
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

    private static byte[] read(Path file, String name) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException(name + ": is no file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(MAX_BYTES + 1);
            if (content.length > MAX_BYTES) {
                throw new IOException(name + ": is larger than " + (MAX_BYTES >> 20) + " MB");
            }
            return content;
        } catch (AccessDeniedException e) {
            throw new IOException(name + ": may not be read by this user", e);
        } catch (NoSuchFileException e) {
            throw new IOException(name + ": has disappeared", e);
        }
    }

    /** Whether properties are empty, or comments only. */
    private static boolean saysNothing(byte[] properties) {
        return new String(properties, StandardCharsets.UTF_8)
                .lines()
                .map(String::strip)
                .allMatch(line -> line.isEmpty() || line.startsWith("#") || line.startsWith("!"));
    }

    private static String digest(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
