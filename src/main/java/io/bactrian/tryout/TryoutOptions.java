package io.bactrian.tryout;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The options of the command {@code --try-queue}. Immutable.
 *
 * @param count the number of requests
 * @param chain the chain that they ask; null = the default
 * @param rate requests a second; 0 = as fast as the broker takes them
 * @param patience the time without a reply after which it ends
 */
public record TryoutOptions(int count, @Nullable String chain, double rate, Duration patience) {
    /** The option that chooses the command. */
    public static final String NAME = "--try-queue";

    /** The form of the options, for a usage line. */
    public static final String USAGE = NAME + " [requests] [--chain name] [--rate per-second] [--patience seconds]";

    private static final int USUAL_COUNT = 100;
    private static final int MAX_COUNT = 1_000_000;
    private static final int MAX_RATE = 100_000;
    private static final Duration USUAL_PATIENCE = Duration.ofMinutes(2);
    private static final int MAX_PATIENCE_SECONDS = 86_400;

    /**
     * Reads the arguments of the program.
     *
     * @param arguments {@link #NAME} first
     * @throws IllegalArgumentException with the argument and what would be right, if one is wrong
     */
    public static TryoutOptions parse(List<String> arguments) {
        int at = 1;
        int count = USUAL_COUNT;
        if (at < arguments.size() && !arguments.get(at).startsWith("--")) {
            count = (int) number("the number of requests", arguments.get(at++), 1, MAX_COUNT);
        }
        String chain = null;
        double rate = 0;
        Duration patience = USUAL_PATIENCE;
        while (at < arguments.size()) {
            String option = arguments.get(at++);
            if (at == arguments.size()) {
                throw new IllegalArgumentException(option + " needs a value");
            }
            String value = arguments.get(at++);
            switch (option) {
                case "--chain" -> chain = value;
                case "--rate" -> rate = number(option, value, 0.01, MAX_RATE);
                case "--patience" ->
                    patience = Duration.ofSeconds((long) number(option, value, 1, MAX_PATIENCE_SECONDS));
                default -> throw new IllegalArgumentException("there is no option " + option);
            }
        }
        return new TryoutOptions(count, chain, rate, patience);
    }

    private static double number(String what, String value, double min, double max) {
        try {
            double number = Double.parseDouble(value);
            boolean whole = min < 1 || number == Math.rint(number);
            if (number >= min && number <= max && whole) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        String range = min < 1
                ? "a number from %s to %.0f".formatted(min, max)
                : "a whole number from %.0f to %.0f".formatted(min, max);
        throw new IllegalArgumentException("%s is %s, not %s".formatted(what, range, value));
    }
}
