package io.bactrian.provider.failure;

import io.bactrian.policy.Failure;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
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
    private static final Pattern AT_THE_START = Pattern.compile("(?:^|;)\\s*(" + PATH + ")\\s*:");

    /** Pydantic writes the place as a list, or in a line of its own before what is wrong there. */
    private static final Pattern LIST = Pattern.compile("['\"]loc['\"]\\s*:\\s*[(\\[]([^)\\]]*)[)\\]]");

    private static final Pattern BEFORE_EXTRA =
            Pattern.compile("(" + PATH + ")\\s+extra (?:inputs|fields|properties|keys)\\b", Pattern.CASE_INSENSITIVE);
    private static final String AND = "(?:\\s*,\\s*(?:(?:and|or)\\s+)?|\\s+(?:and|or|nor)\\s+)";
    private static final String PATHS = "(" + PATH + "(?:" + AND + PATH + ")*)";

    private static final Pattern BEHIND_A_WORD = Pattern.compile(
            "\\b(?:supplied|(?:parameter|param|argument|arg|field|input|key|property|option|header|attribute)"
                    + "(?:s|\\(s\\)|ies)?(?: supplied)?)\\b[:=\\s(\\[]*" + PATHS,
            Pattern.CASE_INSENSITIVE);
    private static final Pattern BEFORE_A_WORD = Pattern.compile(
            PATHS + "\\s+(?:is|are|was|has|must|may|can|does|do|should|param|parameter|field|property|argument)\\b");
    private static final Pattern AFTER_INVALID = Pattern.compile(
            "\\b(?:invalid|unknown|unsupported|unexpected|unrecogni[sz]ed)\\s+(" + PATH + ")",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern UNMISTAKABLE =
            Pattern.compile("[a-z]+(_[a-z0-9]+)+|metadata|temperature|verbosity|seed|.*[.\\[].*");

    private NamedFields() {}

    /** The names with their paths that stand where a provider puts the place of a fault. */
    static Set<Place> places(Failure failure) {
        Set<Place> found = new LinkedHashSet<>();
        if (failure.param() != null && WHOLE_PATH.matcher(failure.param()).matches()) {
            add(failure.param(), found);
        }
        String own = OwnWords.of(failure.reason());
        LIST.matcher(own)
                .results()
                .map(match -> String.join(".", match.group(1).split("[\\s,'\"]+")))
                .forEach(path -> add(path, found));
        for (Pattern form : List.of(AT_THE_START, BEFORE_EXTRA)) {
            form.matcher(own).results().forEach(match -> add(match.group(1), found));
        }
        return found;
    }

    /** The names with their paths among the words of a refusal. */
    static Set<Place> in(String words) {
        Set<Place> found = new LinkedHashSet<>();
        for (Pattern form : List.of(QUOTED, LONG_PATH, BEHIND_A_WORD)) {
            addAll(form, words, path -> true, found);
        }
        for (Pattern form : List.of(AFTER_INVALID, BEFORE_A_WORD)) {
            addAll(form, words, NamedFields::isUnmistakable, found);
        }
        return found;
    }

    /** True for a name that is no word of a sentence. */
    static boolean isUnmistakable(String name) {
        return UNMISTAKABLE.matcher(name).matches();
    }

    private static void addAll(Pattern form, String words, Predicate<String> test, Set<Place> to) {
        form.matcher(words).results().forEach(match -> {
            for (String path : match.group(1).split(AND)) {
                if (test.test(path)) {
                    add(path, to);
                }
            }
        });
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
