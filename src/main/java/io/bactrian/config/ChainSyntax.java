package io.bactrian.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The grammar of a chain: steps separated by commas, of which a group keeps its own commas in parentheses. */
final class ChainSyntax {

    private static final Pattern GROUP = Pattern.compile("([A-Za-z]+)\\s*\\((.*)\\)");
    private static final Pattern WEIGHED = Pattern.compile("(.*?)\\s*\\*\\s*(\\S*)");
    private static final Pattern WEIGHT = Pattern.compile("\\d{1,6}(\\.\\d{1,6})?");
    /** What model names are made of; it is safe in a header and in a list of {@code target=CLASS}. */
    private static final Pattern MODEL = Pattern.compile("[A-Za-z0-9._:/@+~-]{1,200}");

    private static final String STALE = "stale";
    private static final String STATIC = "static:";

    private ChainSyntax() {}

    /** A step as written. */
    sealed interface Written {
        record Target(String name) implements Written {}

        record Group(Chain.Kind kind, List<Member> members) implements Written {}

        record Member(String name, double weight) {}

        record Stale() implements Written {}

        record Static(String name) implements Written {}
    }

    /**
     * The parts between the commas, those in parentheses left alone.
     *
     * @throws BadValue if a parenthesis has no counterpart
     */
    static List<String> split(String text) {
        List<String> steps = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (depth < 0) {
                break;
            }
            if (c == ',' && depth == 0) {
                steps.add(text.substring(start, i).strip());
                start = i + 1;
            }
        }
        if (depth != 0) {
            throw new BadValue("a parenthesis is opened or closed once too often");
        }
        steps.add(text.substring(start).strip());
        steps.removeIf(String::isEmpty);
        return steps;
    }

    /**
     * Reads one step.
     *
     * @throws BadValue if it is none
     */
    static Written read(String step) {
        Matcher group = GROUP.matcher(step);
        if (group.matches()) {
            return group(group.group(1), group.group(2));
        }
        if (step.contains("(") || step.contains(")")) {
            throw new BadValue(
                    "%s is no step: a step is a target, provider/model, or a group such as race(a, b)".formatted(step));
        }
        if (step.contains("*")) {
            throw new BadValue("%s: only balance(…) takes weights".formatted(step));
        }
        if (step.equals(STALE)) {
            return new Written.Stale();
        }
        return step.startsWith(STATIC)
                ? new Written.Static(step.substring(STATIC.length()).strip())
                : new Written.Target(step);
    }

    private static Written group(String name, String inside) {
        Chain.Kind kind;
        try {
            kind = ValueParsers.choice(Chain.Kind.class).of(name.toLowerCase(Locale.ROOT));
        } catch (BadValue e) {
            throw new BadValue(
                    "there is no group %s(…); there are race(a, b), hedge(a, b) and balance(a*3, b*1)".formatted(name));
        }
        List<Written.Member> members =
                split(inside).stream().map(part -> member(kind, part)).toList();
        String label = ValueParsers.label(kind);
        if (members.isEmpty()) {
            throw new BadValue("%s() is empty; write the targets in it, such as %s(a, b)".formatted(label, label));
        }
        if (members.stream().map(Written.Member::name).distinct().count() < 2) {
            throw new BadValue("%s(…) has one target only; add another, or write %s without the group"
                    .formatted(label, members.getFirst().name()));
        }
        if (members.stream().map(Written.Member::name).distinct().count() < members.size()) {
            throw new BadValue("%s(…) names a target twice; write each once".formatted(label));
        }
        return new Written.Group(kind, members);
    }

    private static Written.Member member(Chain.Kind kind, String part) {
        String label = ValueParsers.label(kind);
        if (part.contains("(")) {
            throw new BadValue("%s(…) holds another group; a group holds targets or provider/model".formatted(label));
        }
        if (part.equals(STALE) || part.startsWith(STATIC)) {
            throw new BadValue("%s cannot be in %s(…); it can only end a chain".formatted(part, label));
        }
        Matcher weighed = WEIGHED.matcher(part);
        if (!weighed.matches()) {
            return new Written.Member(part, 1);
        }
        String name = weighed.group(1);
        String weight = weighed.group(2);
        if (kind != Chain.Kind.BALANCE) {
            throw new BadValue("%s(…) takes no weights; write %s".formatted(label, name));
        }
        if (!WEIGHT.matcher(weight).matches() || Double.parseDouble(weight) == 0) {
            throw new BadValue(
                    "%s: a weight is a number above 0 and below 1000000, such as %s*3; leave out a target that is to get nothing"
                            .formatted(part, name));
        }
        return new Written.Member(name, Double.parseDouble(weight));
    }

    static boolean model(String model) {
        return MODEL.matcher(model).matches();
    }
}
