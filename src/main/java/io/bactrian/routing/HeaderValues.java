package io.bactrian.routing;

import io.bactrian.protocol.RequestRejected;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what callers say in headers; what cannot be read is their mistake. */
public final class HeaderValues {
    private static final Pattern TIME = Pattern.compile("(\\d{1,9})(ms|s|m|h)?");

    private HeaderValues() {}

    /** A time such as {@code 30s}; a bare number means milliseconds. Null if nothing is said. */
    public static @Nullable Duration timeout(String name, @Nullable String value) {
        if (value == null) {
            return null;
        }
        Matcher matcher = TIME.matcher(value.strip());
        if (!matcher.matches() || Long.parseLong(matcher.group(1)) == 0) {
            throw RequestRejected.invalid(name, "'" + name + "' must be milliseconds or a time such as 30s.");
        }
        long amount = Long.parseLong(matcher.group(1));
        String unit = matcher.group(2);
        return switch (unit == null ? "ms" : unit) {
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofMillis(amount);
        };
    }

    /** A quality between 0 and 1. Null if nothing is said. */
    public static @Nullable Double quality(String name, @Nullable String value) {
        if (value == null) {
            return null;
        }
        try {
            double quality = Double.parseDouble(value.strip());
            if (quality >= 0 && quality <= 1) {
                return quality;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw RequestRejected.invalid(name, "'" + name + "' must be a number between 0 and 1.");
    }

    /** Whether fallback is allowed: anything but {@code off}. */
    public static boolean fallback(String name, @Nullable String value) {
        if (value == null || value.strip().equalsIgnoreCase("on")) {
            return true;
        }
        if (value.strip().equalsIgnoreCase("off")) {
            return false;
        }
        throw RequestRejected.invalid(name, "'" + name + "' must be on or off.");
    }
}
