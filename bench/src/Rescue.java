import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The two providers of a rescue: the first closes the socket in the middle of the answer, the second has the same
 * answer. Thread-safe.
 *
 * <p>The words are {@code w0 w1 w2 …}, without a time in them, since the second has to repeat them. The first is cut
 * after {@link #SENT} of them, one interval after the last. The second sends as many at once and the others at the
 * usual pace; where the request has an answer that was begun (prefill), it goes on after the last word of that. A stream
 * is known by the number behind {@code stream} in its prompt.
 */
final class Rescue {
    /** Events of the first provider before its socket is closed. */
    static final int SENT = 20;
    /** Where the times between a cut and the second request can be fetched: a JSON array of nanoseconds. */
    static final String GAPS = "/gaps";

    private static final Pattern STREAM = Pattern.compile("stream (\\d+)");
    private static final Pattern WORD = Pattern.compile("w(\\d+)");

    private final Map<String, Long> cuts = new ConcurrentHashMap<>();
    private final Map<String, Long> gaps = new ConcurrentHashMap<>();

    /** The prompt of a stream. */
    static String prompt(int stream) {
        return "Say every word. This is stream " + stream + ".";
    }

    /** The word of an event, with the space before it. */
    static String word(int number) {
        return number == 0 ? "w0" : " w" + number;
    }

    Script script(String path, String body, long asked) {
        if (path.startsWith("/first/")) {
            return first(stream(body));
        }
        return path.startsWith("/second/") ? second(body, asked) : Script.STAMPED;
    }

    /** The times found since the last call. */
    String takeGaps() {
        JsonArray found = new JsonArray();
        gaps.values().forEach(found::add);
        gaps.clear();
        cuts.clear();
        return found.encode();
    }

    private Script first(String stream) {
        return new Script() {
            @Override
            public String text(int number) {
                return word(number);
            }

            @Override
            public int cut() {
                return SENT;
            }

            @Override
            public void cutting() {
                cuts.put(stream, System.nanoTime());
            }
        };
    }

    private Script second(String body, long asked) {
        String stream = stream(body);
        Long cut = cuts.get(stream);
        if (cut != null) {
            gaps.putIfAbsent(stream, asked - cut);
        }
        int from = begun(body);
        return new Script() {
            @Override
            public String text(int number) {
                return word(number);
            }

            @Override
            public int from() {
                return from;
            }

            @Override
            public int atOnce() {
                return SENT;
            }
        };
    }

    private static String stream(String body) {
        Matcher stream = STREAM.matcher(body);
        return stream.find() ? stream.group(1) : "";
    }

    /** The words of the answer that the request has begun. */
    private static int begun(String body) {
        int words = 0;
        for (Object turn : new JsonObject(body).getJsonArray("messages")) {
            JsonObject message = (JsonObject) turn;
            if ("assistant".equals(message.getString("role"))) {
                Matcher word = WORD.matcher(String.valueOf(message.getValue("content")));
                while (word.find()) {
                    words = Integer.parseInt(word.group(1)) + 1;
                }
            }
        }
        return words;
    }
}
