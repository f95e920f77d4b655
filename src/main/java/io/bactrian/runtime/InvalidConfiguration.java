package io.bactrian.runtime;

import java.util.List;

/** The exception for a configuration that cannot be used, with one line for each mistake. */
public final class InvalidConfiguration extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<String> lines;

    InvalidConfiguration(List<String> lines) {
        super(String.join("\n", lines), null, false, false);
        this.lines = List.copyOf(lines);
    }

    /** Throws one with these mistakes, if there are any. */
    static void check(List<String> mistakes) {
        if (!mistakes.isEmpty()) {
            throw new InvalidConfiguration(mistakes);
        }
    }

    public List<String> lines() {
        return lines;
    }
}
