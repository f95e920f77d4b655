package io.bactrian.config;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The grammar of durations: {@code 500ms}, {@code 10s}, {@code 5m}, {@code 1h}, {@code 1m30s}. */
public final class Durations {

    private static final String DIGITS = "(\\d{1,12})";
    private static final Pattern GRAMMAR =
            Pattern.compile("(?:%1$sh)?(?:%1$sm(?!s))?(?:%1$ss)?(?:%1$sms)?".formatted(DIGITS));
    /** Keeps every sum of durations well inside of what nanoseconds in a long can hold. */
    private static final Duration MAX = Duration.ofHours(87_600);

    private Durations() {}

    /**
     * Reads a duration.
     *
     * @throws IllegalArgumentException with a message that says what would be right
     */
    public static Duration parse(String text) {
        if (text.startsWith("-")) {
            throw new BadValue("a duration is not negative");
        }
        if (text.matches("\\d+")) {
            throw new BadValue("a duration needs a unit: %ss or %sms".formatted(text, text));
        }
        Matcher matcher = GRAMMAR.matcher(text);
        if (text.isEmpty() || !matcher.matches()) {
            throw new BadValue("a duration looks like 500ms, 10s, 5m, 1h or 1m30s");
        }
        Duration duration = Duration.ofHours(number(matcher.group(1)))
                .plusMinutes(number(matcher.group(2)))
                .plusSeconds(number(matcher.group(3)))
                .plusMillis(number(matcher.group(4)));
        if (duration.compareTo(MAX) > 0) {
            throw new BadValue("a duration is at most " + MAX.toHours() + "h");
        }
        return duration;
    }

    /** As {@link #parse}, and zero is refused. */
    static Duration positive(String text) {
        Duration duration = parse(text);
        if (duration.isZero()) {
            throw new BadValue("this duration is more than zero");
        }
        return duration;
    }

    private static long number(@Nullable String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }
}
