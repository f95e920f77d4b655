package io.bactrian.database;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The URL of a database in JDBC's grammar: H2 or PostgreSQL. */
public final class DatabaseUrl {
    /**
     * URLs that decide about closing themselves, or share the file with other processes, so that this one cannot
     * decide.
     */
    private static final Pattern CLOSING = Pattern.compile("(?i);(db_close_on_exit|auto_server)=");

    private static final Pattern TRACED = Pattern.compile("(?i);trace_level_file=");
    private static final Pattern NOT_IN_FILE = Pattern.compile("^jdbc:h2:(mem|tcp|ssl):");

    private static final Pattern FILE = Pattern.compile("^jdbc:h2:(?:file:)?([^;]+)");

    private DatabaseUrl() {}

    public static boolean isH2(String url) {
        return url.startsWith("jdbc:h2:");
    }

    /** Whether it is an H2 database in a file that this process opens. */
    public static boolean isFile(String url) {
        return isH2(url) && !NOT_IN_FILE.matcher(url).find();
    }

    /** The folder of its file, if this process may not write there; null if it may, or if there is no such file. */
    public static @Nullable Path unwritableFolder(String url) {
        Matcher file = FILE.matcher(url);
        if (!isFile(url) || !file.find()) {
            return null;
        }
        try {
            String name = file.group(1);
            Path path = Path.of(name.startsWith("~") ? System.getProperty("user.home") + name.substring(1) : name);
            Path folder = path.toAbsolutePath().normalize().getParent();
            return folder == null || writable(folder) ? null : folder;
        } catch (InvalidPathException e) {
            return null;
        }
    }

    /** Whether this process may write to a folder, or make it. */
    public static boolean writable(Path folder) {
        Path there = folder.toAbsolutePath().normalize();
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        return Files.isDirectory(there) && Files.isWritable(there);
    }

    /** The properties of a connection that the URL does not say anything about. */
    public static Properties properties(String url) {
        Properties properties = new Properties();
        if (url.startsWith("jdbc:postgresql:")) {
            // In seconds. Values in the URL take precedence.
            properties.setProperty("connectTimeout", "2");
            properties.setProperty("socketTimeout", "5");
        }
        if (isH2(url) && !CLOSING.matcher(url).find()) {
            // Otherwise H2 closes it as soon as the JVM shuts down, while requests in flight are still being answered.
            properties.setProperty("DB_CLOSE_ON_EXIT", "FALSE");
        }
        if (isH2(url) && !TRACED.matcher(url).find()) {
            // Its file beside the database would get the stack trace of every failure, and repeat the statements.
            properties.setProperty("TRACE_LEVEL_FILE", "0");
        }
        return properties;
    }
}
