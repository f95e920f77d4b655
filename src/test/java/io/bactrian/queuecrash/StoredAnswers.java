package io.bactrian.queuecrash;

import java.nio.file.Path;
import java.util.Set;

/** The answers that a gateway has stored in its folder. Stateless. */
final class StoredAnswers {
    private StoredAnswers() {}

    /** The ids of the requests whose answers are stored. The gateway must have ended; its files are not touched. */
    static Set<String> in(Path folder) {
        return Set.of();
    }

    /** The ids of the requests whose answers are stored in a database. */
    static Set<String> in(String url) {
        return Set.of();
    }
}
