package io.bactrian.provider.failure;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The words of a refusal that are the provider's own and that refuse something: without quoted sentences, without what is repeated of
 * the request, and without what would be accepted. Stateless.
 */
final class OwnWords {

    /** A quoted sentence that is not a value of a JSON document. */
    private static final Pattern SENTENCE = Pattern.compile("(?<!\":\\s?)\"(?:[^\"\\s]*\\s){3,}[^\"]*\"");

    /** Pydantic's {@code 'input': {…}} and {@code input_value={…}}, or any object. */
    private static final Pattern OBJECT = Pattern.compile(
            "(?<input>\\b(?:input|input_value|body|request|payload|received|got|ctx)['\"]?\\s*[:=]\\s*[\\[{])|\\{");

    private static final Pattern OF_A_REQUEST = Pattern.compile("['\"](messages|model)['\"]\\s*:");
    private static final Pattern OF_AN_ERROR = Pattern.compile("['\"](error|detail|loc|msg|message)['\"]\\s*:");

    private static final String NO = "(?<!\\bnot |n't |\\bnot yet |\\bcurrently |\\bnever |\\bonly |longer )";
    private static final String NAME = "[`'\"]?[a-z][\\w.]*[`'\"]?";

    /** What follows names the fields or values that would be accepted. */
    private static final Pattern ACCEPTED = Pattern.compile(
            "[,;.(]?\\s*\\b(expected (one of|`|'|\")|must be (one of|either)|supported"
                    + " (values|fields|parameters|roles)|did you mean|use '|use `|instead"
                    + "|(allowed|valid|permitted|available|accepted|supported|expected|known|possible|recogni[sz]ed)"
                    + " (values|fields|parameters|params|keys|arguments|properties|options|names|inputs|ones)"
                    + "|only (these|those|the following)|(choose|pick|select) (one )?(from|of)"
                    + "|" + NO + "(accepted|allowed|supported|valid|permitted|available|expected)( are| is)?\\s*:"
                    + "|" + NO + "(accepts|supports|allows|takes)\\b(?! (neither|no|nothing)\\b)"
                    + "|only " + NAME + "(\\s*(,|\\band\\b|\\bor\\b)+\\s*" + NAME + ")* (is|are|may|can)\\b)",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern END = Pattern.compile("[.!?](?=\\s|$)");

    private OwnWords() {}

    static String of(String reason) {
        return withoutEchoes(SENTENCE.matcher(reason).replaceAll(" "));
    }

    /** The words without what would be accepted. */
    static String refusing(String reason) {
        String own = of(reason);
        MatchResult accepted = ACCEPTED.matcher(own).results().findFirst().orElse(null);
        return accepted == null || accepted.start() == 0 ? own : own.substring(0, accepted.start());
    }

    /** The sentences that a test picks; the words themselves if it picks none. */
    static String sentences(String words, Predicate<String> test) {
        List<String> picked = new ArrayList<>();
        for (String sentence : END.split(words)) {
            if (test.test(sentence)) {
                picked.add(sentence.strip());
            }
        }
        return picked.isEmpty() ? words : String.join(". ", picked);
    }

    /** The words without what they repeat of the request. */
    static String withoutEchoes(String words) {
        Matcher object = OBJECT.matcher(words);
        StringBuilder own = new StringBuilder();
        int from = 0;
        while (object.find()) {
            int start = object.end() - 1;
            if (start < from) {
                continue;
            }
            int end = end(words, start);
            String echo = words.substring(start, end);
            boolean ofRequest = OF_A_REQUEST.matcher(echo).find()
                    && !OF_AN_ERROR.matcher(echo).find();
            if (object.group("input") != null || ofRequest) {
                own.append(words, from, start);
                from = end;
            }
        }
        return from == 0 ? words : own.append(words, from, words.length()).toString();
    }

    /** The end of the object or array that starts there; the end of the words if it is cut. */
    private static int end(String words, int start) {
        int depth = 0;
        for (int i = start; i < words.length(); i++) {
            switch (words.charAt(i)) {
                case '{', '[' -> depth++;
                case '}', ']' -> depth--;
                default -> {}
            }
            if (depth == 0) {
                return i + 1;
            }
        }
        return words.length();
    }
}
