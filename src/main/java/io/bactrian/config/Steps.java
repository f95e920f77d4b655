package io.bactrian.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The grammar of a chain: steps separated by commas, of which a group keeps its own commas in parentheses. */
final class Steps {

    private static final Pattern GROUP =
            Pattern.compile("(race|hedge|balance)\\s*\\((.*)\\)", Pattern.CASE_INSENSITIVE);
    /** What model names are made of; it is safe in a header and in a list of {@code target=CLASS}. */
    private static final Pattern MODEL = Pattern.compile("[A-Za-z0-9._:/@+~-]{1,200}");

    private Steps() {}

    static List<String> split(String text) {
        List<String> steps = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (c == ',' && depth == 0) {
                steps.add(text.substring(start, i).strip());
                start = i + 1;
            }
        }
        if (depth != 0) {
            throw new BadValue("a parenthesis has no counterpart");
        }
        steps.add(text.substring(start).strip());
        steps.removeIf(String::isEmpty);
        return steps;
    }

    /** Refuses the steps that this version cannot take. */
    static void built(String step) {
        Matcher group = GROUP.matcher(step);
        if (group.matches()) {
            String plain = Arrays.stream(group.group(2).split(",", -1))
                    .map(member -> member.replaceFirst("\\*.*", "").strip())
                    .collect(Collectors.joining(", "));
            throw new BadValue("%s(…) is not built yet in this version; write its targets one after the other: %s"
                    .formatted(group.group(1), plain));
        }
        if (step.equals("stale") || step.startsWith("static:")) {
            throw new BadValue("the step %s is not built yet in this version; leave it out".formatted(step));
        }
        if (step.contains("(") || step.contains(")")) {
            throw new BadValue("a step is a target or provider/model");
        }
    }

    static boolean model(String model) {
        return MODEL.matcher(model).matches();
    }
}
