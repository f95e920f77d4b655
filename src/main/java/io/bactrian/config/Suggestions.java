package io.bactrian.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Guesses at a misspelt word, by edit distance. */
final class Suggestions {

    private Suggestions() {}

    /** The word with the least distance, the first of several; empty only if there are no words. */
    static Optional<String> of(String word, Collection<String> words) {
        return words.stream().min(Comparator.comparingInt(candidate -> slips(word, candidate)));
    }

    /** As {@link #of}, but only if it is close enough for a slip of the hand. */
    static Optional<String> likely(String word, Collection<String> words) {
        return of(word, words).filter(candidate -> slips(word, candidate) <= Math.max(2, word.length() / 3));
    }

    /** A sentence about a name that nothing has: the likely one, and all there are. */
    static String unknown(String kind, String name, Collection<String> existing) {
        String guess = likely(name, existing)
                .map(near -> "; did you mean " + near + "?")
                .orElse("");
        String all = existing.isEmpty() ? "none is configured" : "there are: " + String.join(", ", existing);
        return "no %s is called %s%s (%s)".formatted(kind, name, guess, all);
    }

    /** The distance, except that to leave off the end counts as two slips at most. */
    private static int slips(String word, String candidate) {
        int distance = distance(word, candidate);
        return candidate.startsWith(word) ? Math.min(2, distance) : distance;
    }

    /** Levenshtein's distance, in which two neighbours that changed places count once. */
    static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + change);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
