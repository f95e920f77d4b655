package io.bactrian.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The sixteen faults of the crash test in {@code src/test/crash}, asked with and without streaming, both at the same time. */
final class CrashIT {
    /** A stream that breaks after words have gone out is ended by a clean error, not rescued. */
    private static final Set<String> ENDED_IN_A_CLEAN_ERROR = Set.of("S08", "S09", "S14");

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
        assertVerdicts(plain, Set.of());
    }

    @Test
    void with_streaming_every_fault_is_passed_or_ends_in_a_clean_error() throws Exception {
        assertVerdicts(streaming, ENDED_IN_A_CLEAN_ERROR);
    }

    private static void assertVerdicts(CrashRun run, Set<String> safe) throws Exception {
        Map<String, CrashRun.Verdict> verdicts = run.verdicts();
        Map<String, String> names = new TreeMap<>();
        Map<String, String> expected = new TreeMap<>();
        verdicts.forEach((fault, verdict) -> {
            names.put(fault, verdict.name());
            expected.put(fault, safe.contains(fault) ? "safe" : "pass");
        });
        assertThat(names).as("%s", verdicts).isEqualTo(expected);
    }
}
