package io.bactrian.config;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The reader of {@code bactrian.aliases} and {@code bactrian.built-in-names}. */
final class AliasReader {

    private static final String KEY = "bactrian.aliases";
    /** The colon that a space follows, else the first one: names of models may have colons too. */
    private static final Pattern SPACED = Pattern.compile("(\\S+?)\\s*:\\s+(\\S+)");

    private static final Pattern TIGHT = Pattern.compile("([^\\s:]+):(\\S+)");

    private final RawProperties raw;
    private final ConfigReport report;
    private final Declared declared;

    AliasReader(RawProperties raw, ConfigReport report, Declared declared) {
        this.raw = raw;
        this.report = report;
        this.declared = declared;
    }

    /** What each alias stands for, in the order written. */
    Map<String, String> read() {
        Map<String, String> aliases = new LinkedHashMap<>();
        for (String entry : raw.get(KEY, ValueParsers::list).orElse(List.of())) {
            Optional<Matcher> matcher = Stream.of(SPACED, TIGHT)
                    .map(pattern -> pattern.matcher(entry))
                    .filter(Matcher::matches)
                    .findFirst();
            if (matcher.isEmpty()) {
                report.mistake(KEY, entry, "an alias looks like name: chain, such as gpt-*: default");
                continue;
            }
            String alias = matcher.get().group(1);
            String meaning = matcher.get().group(2);
            check(entry, alias, meaning);
            if (aliases.putIfAbsent(alias, meaning) != null) {
                report.mistake(KEY, entry, alias + " is listed twice; keep one");
            }
        }
        return aliases;
    }

    /** Whether names are known that applications have built in. */
    boolean builtIn() {
        return raw.get(PropertyKeys.BUILT_IN_NAMES, ValueParsers::bool).orElse(true);
    }

    private void check(String entry, String alias, String meaning) {
        if (declared.chains().contains(alias) || declared.targets().contains(alias)) {
            report.mistake(KEY, entry, alias + " is a chain or target already, so the alias would never be used");
        }
        if (declared.chains().contains(meaning) || declared.targets().contains(meaning)) {
            return;
        }
        int slash = meaning.indexOf('/');
        if (slash > 0 && declared.providers().contains(meaning.substring(0, slash))) {
            return;
        }
        Set<String> names = new LinkedHashSet<>(declared.chains());
        names.addAll(declared.targets());
        report.mistake(KEY, entry, Suggestions.unknown("chain or target", meaning, names));
    }
}
