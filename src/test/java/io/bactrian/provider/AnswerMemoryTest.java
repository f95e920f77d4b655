package io.bactrian.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bactrian.policy.CallFailed;
import org.junit.jupiter.api.Test;

class AnswerMemoryTest {
    @Test
    void memory_that_is_taken_is_missing_until_it_is_given_back() {
        AnswerMemory memory = new AnswerMemory(10);

        assertThat(memory.take(6)).isTrue();
        assertThat(memory.take(5)).isFalse();
        assertThat(memory.take(4)).isTrue();

        memory.give(6);

        assertThat(memory.take(6)).isTrue();
        assertThat(memory.take(1)).isFalse();
    }

    @Test
    void share_takes_only_what_is_large_and_gives_all_of_it_back() {
        AnswerMemory memory = new AnswerMemory(10);
        AnswerMemory.Share share = memory.share("");
        AnswerMemory.Share other = memory.share("");

        share.accept(1 << 20);
        assertThat(memory.take(10)).isTrue();
        memory.give(10);
        share.accept(6);
        assertThatExceptionOfType(CallFailed.class).isThrownBy(() -> other.accept((1 << 20) + 5));
        other.close();
        share.close();
        share.close();

        assertThat(memory.take(10)).isTrue();
        assertThat(memory.take(1)).isFalse();
    }

    @Test
    void one_of_several_callers_leaves_a_quarter_to_the_others() {
        AnswerMemory memory = new AnswerMemory(100);
        AnswerMemory.Share first = memory.share("a");
        first.accept((1 << 20) + 70);

        AnswerMemory.Share second = memory.share("a");
        assertThatExceptionOfType(CallFailed.class).isThrownBy(() -> second.accept((1 << 20) + 6));
        memory.share("b").accept((1 << 20) + 25);

        first.close();
        second.close();
        memory.share("a").accept((1 << 20) + 75);
    }

    @Test
    void one_answer_of_the_largest_size_always_has_room() {
        long more = Runtime.getRuntime().maxMemory();

        assertThat(AnswerMemory.ofHeap(more).take(more)).isTrue();
    }
}
