package io.bactrian.lastresort;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

final class H2AnswerStoreTest extends JdbcAnswerStoreContract {
    @TempDir
    Path folder;

    /** A second process of the file is let in, as the tests are one. */
    @Override
    String store() {
        return "jdbc:h2:" + folder.resolve("stale") + ";AUTO_SERVER=TRUE";
    }
}
