package io.bactrian.config;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The grammar of durations: {@code 500ms}, {@code 10s}, {@code 5m}, {@code 1h}, {@code 1m30s}. */
final class Durations {

    private static final String DIGITS = "(\\d{1,12})";
    private static final Pattern GRAMMAR =
            Pattern.compile("(?:%1$sh)?(?:%1$sm(?!s))?(?:%1$ss)?(?:%1$sms)?".formatted(DIGITS));

    private Durations() {}

    /** A duration in a range, both ends included. */
    static ValueParser<Duration> between(String min, String max) {
        Duration least = parse(min);
        Duration most = parse(max);
        return text -> {
            if (text.startsWith("-")) {
                throw new BadValue("a duration is not negative; this one is from %s to %s".formatted(min, max));
            }
            Duration duration = parse(text);
            if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
                throw new BadValue("a duration from %s to %s".formatted(min, max));
            }
            return duration;
        };
    }

    private static Duration parse(String text) {
        if (text.matches("\\d+")) {
            throw new BadValue("a duration needs a unit: %ss or %sms".formatted(text, text));
        }
        Matcher matcher = GRAMMAR.matcher(text);
        if (text.isEmpty() || !matcher.matches()) {
            throw new BadValue("a duration looks like 500ms, 10s, 5m, 1h or 1m30s");
        }
        return Duration.ofHours(number(matcher.group(1)))
                .plusMinutes(number(matcher.group(2)))
                .plusSeconds(number(matcher.group(3)))
                .plusMillis(number(matcher.group(4)));
    }

    private static long number(@Nullable String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }
}
