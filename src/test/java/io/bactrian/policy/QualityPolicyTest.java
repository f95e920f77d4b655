package io.bactrian.policy;

import static io.bactrian.policy.FailureClass.AUTHENTICATION;
import static io.bactrian.policy.FailureClass.RATE_LIMITED;
import static io.bactrian.policy.FailureClass.TIMEOUT;

import io.bactrian.config.Chain;
import io.bactrian.config.Limits;
import io.bactrian.config.Target;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.TestLimits;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Waiting for a better target before a worse one is used. */
class QualityPolicyTest {
    private static final Limits PATIENT =
            new TestLimits().waitForQuality(Duration.ofSeconds(10)).build();

    private static Target target(String name, double quality) {
        return TestChains.target(name, TestChains.provider("of-" + name, "secret"), quality, null);
    }

    private static Chain chain(Limits limits) {
        return TestChains.chain(limits, target("best", 1.0), target("good", 0.8), target("poor", 0.5));
    }

    @Test
    void a_better_one_that_is_back_in_time_is_waited_for() {
        Walk.along(chain(PATIENT)).cooling("best", 9_000).start().leadsTo("best +9000 better");
        Walk.along(chain(PATIENT)).open("best", 9_000).start().leadsTo("best +9000 better");
    }

    @Test
    void a_better_one_that_is_back_too_late_is_not() {
        Walk.along(chain(PATIENT)).cooling("best", 10_001).start().leadsTo("good");
    }

    @Test
    void without_the_option_nobody_is_waited_for() {
        Walk.along(chain(TestLimits.defaults())).cooling("best", 1).start().leadsTo("good");
    }

    @Test
    void who_is_better_than_the_one_at_hand_is_enough() {
        Walk.along(chain(PATIENT))
                .cooling("best", 60_000)
                .cooling("good", 4_000)
                .start()
                .leadsTo("good +4000 better");
    }

    @Test
    void the_time_runs_from_the_start_of_the_request() {
        Walk.along(chain(PATIENT))
                .cooling("good", 12_000)
                .fails(new FailedAttempt(Failure.of(TIMEOUT, "silent"), 5_000, false, false))
                .leadsTo("poor");
        Walk.along(chain(PATIENT))
                .cooling("good", 9_000)
                .fails(new FailedAttempt(Failure.of(TIMEOUT, "silent"), 5_000, false, false))
                .leadsTo("good +4000 better");
    }

    @Test
    void one_that_was_limited_in_this_request_is_waited_for_beyond_patience() {
        Walk.along(chain(PATIENT)).fails(RATE_LIMITED, Duration.ofSeconds(8)).leadsTo("best +8000 better");
        Walk.along(chain(TestLimits.defaults()))
                .fails(RATE_LIMITED, Duration.ofSeconds(8))
                .leadsTo("good");
    }

    @Test
    void what_does_not_mend_by_itself_is_not_waited_for() {
        Walk.along(chain(PATIENT))
                .hindered("best", "COOLING", AUTHENTICATION, 5_000)
                .start()
                .leadsTo("good");
    }

    @Test
    void one_of_the_same_quality_is_not_waited_for() {
        Walk.along(TestChains.chain(PATIENT, target("a", 0.8), target("b", 0.8)))
                .cooling("a", 1_000)
                .start()
                .leadsTo("b");
    }
}
