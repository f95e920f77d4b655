package io.bactrian.alert;

import io.bactrian.policy.FailureClass;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The words for times and failures in the texts of alerts. Stateless. */
final class AlertWords {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm 'UTC'", Locale.ROOT);
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMMM HH:mm 'UTC'", Locale.ENGLISH);

    private AlertWords() {}

    /** A time of day, with its date if that is not today's. */
    static String at(long millis, long now) {
        var at = Instant.ofEpochMilli(millis).atOffset(ZoneOffset.UTC);
        var today = Instant.ofEpochMilli(now).atOffset(ZoneOffset.UTC);
        return at.format(at.toLocalDate().equals(today.toLocalDate()) ? TIME : DAY);
    }

    /** A duration in its greatest unit, such as {@code 12 min}. */
    static String time(long millis) {
        long seconds = Math.max(0, millis + 500) / 1000;
        if (seconds < 120) {
            return seconds + " s";
        }
        long minutes = seconds / 60;
        if (minutes < 120) {
            return minutes + " min";
        }
        long hours = minutes / 60;
        return hours < 48 ? hours + " h" : hours / 24 + " days";
    }

    /** A short time, in seconds with one digit behind the point. */
    static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
    }

    static String ordinal(int number) {
        int tens = number % 100;
        String end = tens >= 11 && tens <= 13
                ? "th"
                : switch (number % 10) {
                    case 1 -> "st";
                    case 2 -> "nd";
                    case 3 -> "rd";
                    default -> "th";
                };
        return number + end;
    }

    /** A failure, such as {@code OVERLOADED, status 529}. */
    static String failure(@Nullable FailureClass type, int status) {
        String name = type == null ? "failing" : type.name();
        return status == 0 ? name : name + ", status " + status;
    }
}
