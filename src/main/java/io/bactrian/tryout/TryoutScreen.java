package io.bactrian.tryout;

import java.io.Console;
import java.io.PrintStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The output of a tryout: a line that is written over on a terminal, else a line each second. Not thread-safe. */
final class TryoutScreen {
    private static final int WIDTH = 30;
    private static final long NANOS_BETWEEN_LINES = 1_000_000_000L;

    private final PrintStream out;
    private final boolean terminal;
    private String last = "";
    private long lastAt;

    TryoutScreen(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** Whether standard output is a terminal. */
    static boolean isTerminal() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            // Before Java 22 there is a console only at a terminal.
            return true;
        }
    }

    /**
     * Shows how far it is.
     *
     * @param of the number of requests
     * @param problem why nothing happens, null if all is well
     */
    void progress(TryoutTally.Count count, int of, @Nullable String problem, long now) {
        String line = line(count, of, problem);
        if (line.equals(last) || (!terminal && lastAt != 0 && now - lastAt < NANOS_BETWEEN_LINES)) {
            return;
        }
        out.print(terminal ? "\r" + line + " ".repeat(Math.max(0, last.length() - line.length())) : line + "\n");
        out.flush();
        last = line;
        lastAt = now;
    }

    static String line(TryoutTally.Count count, int of, @Nullable String problem) {
        int full = (int) ((long) count.replied() * WIDTH / of);
        StringBuilder line = new StringBuilder("[")
                .append("#".repeat(full))
                .append("-".repeat(WIDTH - full))
                .append("] ")
                .append(count.replied())
                .append(" of ")
                .append(of);
        if (count.sent() < of) {
            line.append(", ").append(count.sent()).append(" sent");
        }
        if (count.errors() > 0) {
            line.append(", ").append(count.errors()).append(count.errors() == 1 ? " error" : " errors");
        }
        if (count.doubled() > 0) {
            line.append(", ").append(count.doubled()).append(" doubled");
        }
        return problem == null
                ? line.toString()
                : line.append(", ").append(problem).toString();
    }

    /** Writes lines that stay. */
    void say(List<String> lines) {
        if (terminal && !last.isEmpty()) {
            out.println();
        }
        lines.forEach(out::println);
        out.flush();
        last = "";
    }
}
