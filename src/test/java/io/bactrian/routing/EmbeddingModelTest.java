package io.bactrian.routing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The names by which providers know the same embedding model. */
final class EmbeddingModelTest {
    @ParameterizedTest
    @CsvSource({
        "text-embedding-3-small, text-embedding-3-small, true",
        "text-embedding-3-small, openai/text-embedding-3-small, true",
        "bge-m3:latest, BAAI/bge-m3, true",
        "BAAI/bge-m3, baai/BGE-M3, true",
        "accounts/fireworks/models/bge-m3, bge-m3, true",
        "text-embedding-3-small, text-embedding-3-large, false",
        "mine/bge-m3, BAAI/bge-m3, false",
        "bge-m3:567m, bge-m3, false",
        "m3, bge-m3, false",
        "a, b, false"
    })
    void two_names_mean_one_model_or_two(String one, String other, boolean same) {
        assertThat(EmbeddingModel.same(one, other)).isEqualTo(same);
        assertThat(EmbeddingModel.same(other, one)).isEqualTo(same);
    }
}
