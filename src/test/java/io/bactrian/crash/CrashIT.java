package io.bactrian.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The sixteen faults of the crash test in {@code src/test/crash}, asked with and without streaming, both at the same time. */
final class CrashIT {
    private static CrashRun streaming;
    private static CrashRun plain;

    @BeforeAll
    static void start() throws IOException {
        streaming = new CrashRun();
        plain = new CrashRun("--plain");
    }

    @AfterAll
    static void stop() {
        streaming.close();
        plain.close();
    }

    @Test
    void without_streaming_every_fault_is_passed() throws Exception {
        assertPassed(plain);
    }

    @Test
    void with_streaming_every_fault_is_passed() throws Exception {
        assertPassed(streaming);
    }

    private static void assertPassed(CrashRun run) throws Exception {
        Map<String, CrashRun.Verdict> verdicts = run.verdicts();
        assertThat(verdicts).hasSize(16).allSatisfy((fault, verdict) -> assertThat(verdict.name())
                .as("%s: %s", fault, verdict.why())
                .isEqualTo("pass"));
    }
}
