package io.bactrian.provider.failure;

import io.bactrian.policy.Failure;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A reader of the names in a refusal that may be those of fields: where the provider's own field names one, as a path, in quotes, or
 * beside a word such as "parameter". Whether they are fields is found out by a look at the request. Stateless.
 */
final class NamedFields {

    /**
     * A name, such as {@code annotations} of {@code messages[1].annotations}.
     *
     * @param root the first name of the path; null if there is no path
     * @param name the last name of the path, in the spelling of the refusal
     */
    record Place(@Nullable String root, String name) {}

    /** Steps are joined by dots or stand in brackets; indexes may be either. */
    private static final String PATH = "[A-Za-z_$][\\w$-]*(?:\\.?\\[['\"]?[\\w$-]+['\"]?\\]|\\.(?=[\\w$\\[])[\\w$-]*)*";

    private static final Pattern WHOLE_PATH = Pattern.compile("\\$?\\.?(" + PATH + ")");
    private static final Pattern QUOTED =
            Pattern.compile("['\"`\\u2018\\u201c]\\$?\\.?(" + PATH + ")['\"`\\u2019\\u201d]");
    private static final Pattern LONG_PATH =
            Pattern.compile("(?<![\\w.'\"`/-])([A-Za-z_][\\w$-]*(?:\\.?\\[['\"]?[\\w$-]+['\"]?\\]|\\.[\\w$-]+)+)");
    private static final Pattern AT_THE_START = Pattern.compile("^\\s*(" + PATH + ")\\s*:");
    private static final Pattern BEHIND_A_WORD = Pattern.compile(
            "\\b(?:supplied|(?:parameter|param|argument|arg|field|input|key|property|option|header|attribute)"
                    + "(?:s|\\(s\\)|ies)?)\\b[:=\\s(\\[]*((?:" + PATH + ")(?:\\s*,\\s*" + PATH + ")*)",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern BEFORE_A_WORD = Pattern.compile(
            "(" + PATH + ")\\s+(?:is|are|was|has|must|may|can|does|should|param|parameter|field|property|argument)\\b");
    private static final Pattern AFTER_INVALID = Pattern.compile(
            "\\b(?:invalid|unknown|unsupported|unexpected|unrecogni[sz]ed)\\s+(" + PATH + ")",
            Pattern.CASE_INSENSITIVE);

    /** What follows names the fields or values that would be accepted. */
    private static final Pattern ACCEPTED = Pattern.compile(
            "[,;.(]?\\s*\\b(expected (one of|`|'|\")|must be (one of|either)|supported"
                    + " (values|fields|parameters|roles)|(allowed|valid|permitted|available)"
                    + " (values|fields|parameters|keys)|did you mean|use '|use `|instead)",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern UNMISTAKABLE =
            Pattern.compile("[a-z]+(_[a-z0-9]+)+|metadata|temperature|verbosity|seed|.*[.\\[].*");

    /** A quoted sentence that is not a value of a JSON document. */
    private static final Pattern SENTENCE = Pattern.compile("(?<!\":\\s?)\"(?:[^\"\\s]*\\s){3,}[^\"]*\"");

    private NamedFields() {}

    /** The names with their paths, the one in the provider's own field first. */
    static List<Place> in(Failure failure) {
        Set<Place> found = new LinkedHashSet<>();
        if (failure.param() != null && WHOLE_PATH.matcher(failure.param()).matches()) {
            add(failure.param(), found);
        }
        String refused = refusedPart(failure.reason());
        for (Pattern form : List.of(AT_THE_START, QUOTED, LONG_PATH, BEHIND_A_WORD)) {
            form.matcher(refused).results().forEach(match -> {
                for (String path : match.group(1).split("\\s*,\\s*")) {
                    add(path, found);
                }
            });
        }
        for (Pattern form : List.of(AFTER_INVALID, BEFORE_A_WORD)) {
            form.matcher(refused)
                    .results()
                    .map(match -> match.group(1))
                    .filter(NamedFields::isUnmistakable)
                    .forEach(path -> add(path, found));
        }
        return new ArrayList<>(found);
    }

    /** True for a name that is no word of a sentence. */
    static boolean isUnmistakable(String name) {
        return UNMISTAKABLE.matcher(name).matches();
    }

    /** The words of a refusal without quoted sentences, which may be the caller's, and without what would be accepted. */
    static String refusedPart(String reason) {
        String own = SENTENCE.matcher(reason).replaceAll(" ");
        MatchResult accepted = ACCEPTED.matcher(own).results().findFirst().orElse(null);
        return accepted == null || accepted.start() == 0 ? own : own.substring(0, accepted.start());
    }

    private static void add(String path, Set<Place> to) {
        List<String> steps = new ArrayList<>();
        for (String step : path.split("[.\\[\\]'\"]+")) {
            if (!step.isEmpty() && !step.equals("$") && !step.chars().allMatch(Character::isDigit)) {
                steps.add(step);
            }
        }
        if (!steps.isEmpty() && steps.getFirst().toLowerCase(Locale.ROOT).equals("body") && steps.size() > 1) {
            steps.removeFirst();
        }
        if (!steps.isEmpty()) {
            to.add(new Place(steps.size() == 1 ? null : steps.getFirst(), steps.getLast()));
        }
    }
}
