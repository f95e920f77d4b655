package io.bactrian.lastresort;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

final class H2AnswerStoreTest extends JdbcAnswerStoreContract {
    @TempDir
    Path folder;

    /** The file is shared with other processes, because the tests open it a second time. */
    @Override
    String store() {
        return "jdbc:h2:" + folder.resolve("stale") + ";AUTO_SERVER=TRUE";
    }
}
