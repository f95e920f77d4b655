package io.bactrian.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * Odd requests and answers by the ten thousand, the same ones in each run; {@code it/fuzz/run.sh} has a million others.
 */
class FuzzTest {
    private static final Corpus CORPUS = Corpus.read();

    @Test
    void odd_requests_are_read_or_rejected() {
        assertThat(FuzzRun.asked(40_000).findings(new RequestBodies(CORPUS))).isEmpty();
    }

    @Test
    void odd_answers_are_answers_at_their_end_or_errors() {
        assertThat(FuzzRun.asked(40_000).findings(new ProviderAnswers(CORPUS))).isEmpty();
    }
}
