package io.bactrian.routing;

import io.bactrian.protocol.RequestRejected;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A reader of callers' header values; a value that cannot be read is rejected with a 400. Stateless. */
public final class HeaderValues {
    private static final Pattern TIME = Pattern.compile("(\\d{1,9})(ms|s|m|h)?");

    private HeaderValues() {}

    /**
     * A time above 0, such as {@code 30s}; a bare number means milliseconds.
     *
     * @param name the name of the header or parameter, for the error
     * @param value null if there is none
     * @return null if there is no value
     * @throws RequestRejected 400 if it is not a time
     */
    public static @Nullable Duration timeout(String name, @Nullable String value) {
        Duration time = value == null ? null : time(value);
        if (value != null && (time == null || time.isZero())) {
            throw RequestRejected.invalid(
                    name, "'" + name + "' must be a time above 0: milliseconds, or with a unit such as 30s.");
        }
        return time;
    }

    /**
     * A time that may be 0, such as {@code 30s}; a bare number means milliseconds.
     *
     * @param name the name of the header, for the error
     * @param value null if there is none
     * @return null if there is no value
     * @throws RequestRejected 400 if it is not a time
     */
    public static @Nullable Duration wait(String name, @Nullable String value) {
        Duration time = value == null ? null : time(value);
        if (value != null && time == null) {
            throw RequestRejected.invalid(
                    name, "'" + name + "' must be a time: milliseconds, or with a unit such as 30s.");
        }
        return time;
    }

    private static @Nullable Duration time(String value) {
        Matcher matcher = TIME.matcher(value.strip());
        if (!matcher.matches()) {
            return null;
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

    /**
     * A quality between 0 and 1.
     *
     * @param name the name of the header, for the error
     * @param value null if there is none
     * @return null if there is no value
     * @throws RequestRejected 400 if it is not a quality
     */
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
            // rejected below
        }
        throw RequestRejected.invalid(name, "'" + name + "' must be a number between 0 and 1.");
    }

    /**
     * True unless fallback is switched off.
     *
     * @param name the name of the header, for the error
     * @param value {@code on} or {@code off}, null if there is none
     * @throws RequestRejected 400 if it is neither
     */
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
