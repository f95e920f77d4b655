package io.bactrian.database;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The log lines about a failing database: at most one a minute, and never with a secret of its URL. Thread-safe. */
public final class DatabaseWarnings {
    private static final Pattern SECRET = Pattern.compile("(?i)[?&;][^=&;]*(?:pass|secret|key|token)[^=&;]*=([^&;]+)");
    private static final Pattern PASSWORD = Pattern.compile("://[^/@:\\s]*:([^/@\\s]+)@");
    /** The shortest time between two warnings, in milliseconds. */
    private static final long REPEAT_AFTER_MILLIS = 60_000;

    private static final int MAX_REASON_LENGTH = 200;

    private final Logger log;
    private final String kind;
    private final String what;
    private final String consequence;
    private final List<String> secrets = new ArrayList<>();
    private final Clock clock;
    private long silentUntil = Long.MIN_VALUE;
    private boolean complained;
    private String file = "";
    private String setting = "";

    /**
     * @param what what is in the database, such as "the stale step"
     * @param consequence what becomes of requests without it
     */
    public DatabaseWarnings(String url, String what, String consequence, Clock clock) {
        this(LoggerFactory.getLogger(DatabaseWarnings.class), url, what, consequence, clock);
    }

    /** The same, in a log of its own. */
    public DatabaseWarnings(Logger log, String url, String what, String consequence, Clock clock) {
        this.log = log;
        this.what = what;
        this.consequence = consequence;
        this.kind = url.startsWith("redis") ? "Redis" : DatabaseUrl.isH2(url) ? "H2" : "PostgreSQL";
        this.clock = clock;
        for (Pattern place : List.of(SECRET, PASSWORD)) {
            Matcher matcher = place.matcher(url);
            while (matcher.find()) {
                secrets.add(matcher.group(1));
                secrets.add(decoded(matcher.group(1)));
            }
        }
    }

    private static String decoded(String value) {
        try {
            return URLDecoder.decode(value, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return value;
        }
    }

    /**
     * Says what to do where the folder of its file cannot be written to.
     *
     * @param url the URL, which need not name a file
     * @param property the property that decides about the place
     */
    public synchronized DatabaseWarnings placed(String url, String property) {
        file = url;
        setting = property;
        return this;
    }

    /** Notes that it failed. */
    public synchronized void about(Exception e) {
        long now = clock.millis();
        if (now >= silentUntil) {
            silentUntil = now + REPEAT_AFTER_MILLIS;
            complained = true;
            log.warn("The database of {} ({}) fails; {}: {}", what, kind, consequence, reason(e));
        }
    }

    /** Notes that the database works. */
    public synchronized void settled() {
        if (complained) {
            complained = false;
            silentUntil = Long.MIN_VALUE;
            log.info("The database of {} ({}) works again", what, kind);
        }
    }

    /** The root cause with the text of the driver, unless that text repeats the URL. */
    private String reason(Exception e) {
        if (e instanceof TimeoutException) {
            return e.getMessage() == null ? "no answer within a second" : e.getMessage();
        }
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        Path folder = DatabaseUrl.unwritableFolder(file);
        if (folder != null) {
            return "cannot write to the folder %s; allow it, or set %s to another place".formatted(folder, setting);
        }
        String state = root instanceof SQLException sql && sql.getSQLState() != null ? " " + sql.getSQLState() : "";
        String words = String.valueOf(root.getMessage()).lines().findFirst().orElse("");
        for (String secret : secrets) {
            words = words.replace(secret, "***");
        }
        String said =
                words.contains("jdbc:") ? "" : ": " + words.substring(0, Math.min(words.length(), MAX_REASON_LENGTH));
        return root.getClass().getSimpleName() + state + said;
    }
}
