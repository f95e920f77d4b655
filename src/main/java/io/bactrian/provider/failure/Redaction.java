package io.bactrian.provider.failure;

import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The sanitizing of foreign text for a log line, a header or an error message: one line, no markup, no secrets, bounded
 * length. Stateless.
 */
public final class Redaction {

    /** The maximum length of a reason, in characters. */
    public static final int LIMIT = 300;

    static final String MASK = "***";

    private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\\p{Cf}\\u2028\\u2029\\s]+");
    private static final Pattern MARKUP = Pattern.compile("<[/!?]?[a-zA-Z][^<>]*+>?|<!--[^<>]*+>?");
    private static final Pattern DOCUMENT = Pattern.compile("(?i)<(?:!doctype|html|head|body)\\b");

    private static final Pattern SCHEME = Pattern.compile("(?i)\\b(bearer|basic)[ :]+[\\w.~+/=*-]{6,}+");
    private static final Pattern NAMED = Pattern.compile(
            "(?i)\\b((?:x-)?api[-_ ]?key|access[-_]?token|(?:client[-_]?)?secret|password|authorization)"
                    + "(\\s*[\"']?\\s*[:=]\\s*[\"']?)[^\\s\"',;&]{4,}+");
    private static final Pattern USER_INFO = Pattern.compile("(://)[^\\s/@]++@");
    private static final Pattern PREFIXED =
            Pattern.compile("\\b(?:sk|rk|gsk|xai|csk|hf|r8|nvapi|pplx|tgp|fw|ghp|AKIA|AIza)[-_]?[\\w*.-]{8,}+");
    private static final Pattern ACCOUNT =
            Pattern.compile("\\b(?:org|organization|proj|project|acct|account|wrkspc)[-_][A-Za-z0-9]{6,}+");
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9+/_=-]{32,}+");
    /** Azure's keys, and the UUIDs that name accounts at Anthropic. */
    private static final Pattern HEX =
            Pattern.compile("[0-9a-fA-F]{32,}+|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    private static final Pattern ALTERNATION = Pattern.compile("(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])");

    /**
     * The minimum number of changes between letter and digit in a random token of 32 characters; model names have
     * fewer.
     */
    private static final int ALTERNATIONS = 6;

    private Redaction() {}

    /** {@code text} in at most {@value #LIMIT} characters of one line; empty for null, blank and HTML documents. */
    public static String oneLine(@Nullable String text) {
        return oneLine(text, LIMIT);
    }

    /** {@code text} in at most {@code limit} characters of one line; empty for null, blank and HTML documents. */
    public static String oneLine(@Nullable String text, int limit) {
        if (text == null || DOCUMENT.matcher(text).find()) {
            return "";
        }
        String line = CONTROL.matcher(text).replaceAll(" ");
        line = MARKUP.matcher(line).replaceAll(" ");
        line = secrets(line);
        line = CONTROL.matcher(line).replaceAll(" ").strip();
        if (line.length() <= limit) {
            return line;
        }
        int end = limit - 1;
        if (Character.isHighSurrogate(line.charAt(end - 1))) {
            end--;
        }
        return line.substring(0, end) + "…";
    }

    /** {@code text} with everything that looks like a credential or an account id masked, otherwise as it was. */
    public static String secrets(String text) {
        String masked = SCHEME.matcher(text).replaceAll("$1 " + MASK);
        masked = NAMED.matcher(masked).replaceAll("$1$2" + MASK);
        masked = USER_INFO.matcher(masked).replaceAll("$1" + MASK + "@");
        masked = PREFIXED.matcher(masked).replaceAll(Redaction::keyOrWord);
        masked = ACCOUNT.matcher(masked).replaceAll(MASK);
        return TOKEN.matcher(masked).replaceAll(Redaction::tokenOrWord);
    }

    private static String keyOrWord(MatchResult match) {
        String word = match.group();
        boolean plain = word.chars().allMatch(Character::isLetter)
                && word.equals(word.toLowerCase(Locale.ROOT)); // "skeleton", "forwarded"
        return plain ? word : MASK;
    }

    private static String tokenOrWord(MatchResult match) {
        String word = match.group();
        long alternations = ALTERNATION.matcher(word).results().count();
        return HEX.matcher(word).find() || alternations >= ALTERNATIONS ? MASK : word;
    }
}
