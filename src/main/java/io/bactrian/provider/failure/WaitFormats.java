package io.bactrian.provider.failure;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The formats in which providers write a wait. Every method returns null for text that is no wait (unparsable,
 * negative, zero or in the past), and at most {@link #MAX}. Stateless.
 */
final class WaitFormats {

    /** No provider keeps a target or a key away for longer: after that, a call shows whether it is back. */
    static final Duration MAX = Duration.ofHours(1);

    private static final int MAX_TEXT_LENGTH = 64;
    private static final BigDecimal EPOCH_SECONDS = BigDecimal.valueOf(1_000_000_000L);
    private static final BigDecimal EPOCH_MILLIS = BigDecimal.valueOf(100_000_000_000L);

    private static final Pattern DECIMAL = Pattern.compile("\\d+(?:\\.\\d+)?");
    private static final String PART = "(\\d{1,12}(?:\\.\\d{1,12})?)\\s?"
            + "(milliseconds?|ms|us|µs|ns|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d)(?![a-z])";
    private static final Pattern UNITS = Pattern.compile(PART, Pattern.CASE_INSENSITIVE);
    private static final String PARTS = "(?:" + PART + "[\\s,]{0,2}){1,6}";
    private static final Pattern DURATION = Pattern.compile(PARTS, Pattern.CASE_INSENSITIVE);
    private static final Pattern SENTENCE =
            Pattern.compile("\\b(?:again|retry) (?:in|after) (?:about )?(" + PARTS + ")", Pattern.CASE_INSENSITIVE);

    /** The three forms of RFC 9110 section 5.6.7, all of which a recipient has to accept. */
    private static final List<DateTimeFormatter> DATES = List.of(
            DateTimeFormatter.RFC_1123_DATE_TIME,
            DateTimeFormatter.ofPattern("EEEE, dd-MMM-yy HH:mm:ss zzz", Locale.US),
            DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.US).withZone(ZoneOffset.UTC),
            DateTimeFormatter.ISO_OFFSET_DATE_TIME);

    private WaitFormats() {}

    static @Nullable Duration millis(@Nullable String text) {
        BigDecimal number = decimal(text);
        return number == null ? null : seconds(number.movePointLeft(3));
    }

    /** Seconds, an epoch time (in seconds or milliseconds), {@code 1m2.5s}, an HTTP date or an RFC 3339 time. */
    static @Nullable Duration any(@Nullable String text, Instant now) {
        BigDecimal number = decimal(text);
        if (number != null && number.compareTo(EPOCH_SECONDS) >= 0) {
            boolean millis = number.compareTo(EPOCH_MILLIS) >= 0;
            BigDecimal epoch = millis ? number.movePointLeft(3) : number;
            BigDecimal present = BigDecimal.valueOf(now.toEpochMilli(), 3);
            return seconds(epoch.subtract(present));
        }
        if (number != null) {
            return seconds(number);
        }
        Duration wait = duration(text);
        return wait != null ? wait : until(text, now);
    }

    /** A sequence of number and unit, such as {@code 6m0s}, {@code 1.4s}, {@code 120ms} or {@code 6 seconds}. */
    static @Nullable Duration duration(@Nullable String text) {
        if (text == null
                || text.length() > MAX_TEXT_LENGTH
                || !DURATION.matcher(text.strip()).matches()) {
            return null;
        }
        BigDecimal sum = BigDecimal.ZERO;
        Matcher part = UNITS.matcher(text);
        while (part.find()) {
            sum = sum.add(new BigDecimal(part.group(1)).multiply(unit(part.group(2))));
        }
        return seconds(sum);
    }

    /** The wait in a sentence such as "Please try again in 9m38.016s" or "Please retry after 6 seconds". */
    static @Nullable Duration inSentence(String sentence) {
        Matcher matcher = SENTENCE.matcher(sentence);
        return matcher.find() ? duration(matcher.group(1)) : null;
    }

    private static @Nullable Duration until(@Nullable String text, Instant now) {
        if (text == null || text.length() > MAX_TEXT_LENGTH) {
            return null;
        }
        for (DateTimeFormatter form : DATES) {
            try {
                Instant then = form.parse(text.strip(), Instant::from);
                return bounded(Duration.between(now, then));
            } catch (DateTimeException | ArithmeticException e) {
                continue;
            }
        }
        return null;
    }

    private static @Nullable BigDecimal decimal(@Nullable String text) {
        if (text == null
                || text.length() > MAX_TEXT_LENGTH
                || !DECIMAL.matcher(text.strip()).matches()) {
            return null;
        }
        return new BigDecimal(text.strip());
    }

    private static BigDecimal unit(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "ns" -> new BigDecimal("0.000000001");
            case "us", "µs" -> new BigDecimal("0.000001");
            case "ms", "millisecond", "milliseconds" -> new BigDecimal("0.001");
            case "m", "min", "mins", "minute", "minutes" -> BigDecimal.valueOf(60);
            case "h", "hr", "hrs", "hour", "hours" -> BigDecimal.valueOf(3_600);
            case "d", "day", "days" -> BigDecimal.valueOf(86_400);
            default -> BigDecimal.ONE;
        };
    }

    private static @Nullable Duration seconds(BigDecimal seconds) {
        if (seconds.compareTo(BigDecimal.valueOf(MAX.toSeconds())) >= 0) {
            return MAX;
        }
        long nanos = seconds.movePointRight(9).setScale(0, RoundingMode.CEILING).longValue();
        return bounded(Duration.ofNanos(nanos));
    }

    private static @Nullable Duration bounded(Duration wait) {
        if (wait.isNegative() || wait.isZero()) {
            return null;
        }
        return wait.compareTo(MAX) > 0 ? MAX : wait;
    }
}
