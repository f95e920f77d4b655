package io.bactrian;

import io.bactrian.testing.MarkdownPage;
import io.bactrian.testing.MarkdownPage.Section;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The page {@code docs/architecture.md}, as far as it can be compared with the code. Immutable. */
final class ArchitecturePage {
    static final Path FILE = Path.of("docs/architecture.md");

    private static final String ROOT = "io.bactrian";
    private static final Pattern FOLDER = Pattern.compile("( *)([a-z.]+)/ +(\\S.*)");
    private static final Pattern CODE = Pattern.compile("`([a-z.]+)`");

    private final MarkdownPage page;

    private ArchitecturePage(MarkdownPage page) {
        this.page = page;
    }

    static ArchitecturePage read() throws IOException {
        return new ArchitecturePage(MarkdownPage.read(FILE));
    }

    /** The packages of the tree, by their full names. */
    List<String> packages() {
        List<String> packages = new ArrayList<>();
        List<String> path = new ArrayList<>();
        for (String line : section("Packages").code("text").lines().toList()) {
            Matcher folder = FOLDER.matcher(line);
            if (!folder.matches()) {
                throw new IllegalStateException("not a folder with its meaning: " + line);
            }
            int depth = folder.group(1).length() / 2;
            path.subList(depth, path.size()).clear();
            path.add(folder.group(2));
            packages.add(String.join(".", path));
        }
        return packages;
    }

    /** The packages that each package may use, by their full names. */
    Map<String, Set<String>> mayUse() {
        Map<String, Set<String>> mayUse = new LinkedHashMap<>();
        for (String line : section("Dependencies").prose()) {
            String[] cells = line.split("\\|", -1);
            if (cells.length == 4 && cells[1].contains("`")) {
                Set<String> used = cells[2].contains("everything but the root") ? all() : names(cells[2]);
                names(cells[1]).forEach(name -> mayUse.put(name, used));
            }
        }
        return mayUse;
    }

    private Set<String> all() {
        Set<String> all = new TreeSet<>(packages());
        all.remove(ROOT);
        return all;
    }

    private static Set<String> names(String cell) {
        Set<String> names = new TreeSet<>();
        CODE.matcher(cell)
                .results()
                .map(code -> code.group(1))
                .forEach(name -> names.add(name.equals(ROOT) ? ROOT : ROOT + "." + name));
        return names;
    }

    private Section section(String heading) {
        return page.sections().stream()
                .filter(section -> section.heading().equals(heading))
                .findFirst()
                .orElseThrow();
    }
}
