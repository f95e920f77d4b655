import java.util.Locale;

/** Adds the median, the 99th percentile and the largest of some times to a line of JSON. */
final class Quantiles {
    private Quantiles() {}

    /** Nothing where there are no times; they are in nanoseconds and sorted, the members in microseconds. */
    static void append(StringBuilder json, String name, long[] sorted) {
        if (sorted.length == 0) {
            return;
        }
        int last = sorted.length - 1;
        json.append(String.format(
                Locale.ROOT,
                ",\"%1$s_p50_us\":%2$.0f,\"%1$s_p99_us\":%3$.0f,\"%1$s_max_us\":%4$.0f",
                name,
                sorted[last / 2] / 1e3,
                sorted[(int) (last * 0.99)] / 1e3,
                sorted[last] / 1e3));
    }
}
