package io.bactrian;

import java.util.List;

/** A configuration that cannot be used: one line for each mistake. */
final class Mistakes extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<String> lines;

    Mistakes(List<String> lines) {
        super(String.join("\n", lines), null, false, false);
        this.lines = List.copyOf(lines);
    }

    List<String> lines() {
        return lines;
    }
}
