package io.bactrian.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.bactrian.config.Chain;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.TestLimits;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BalanceTest {
    private final Balance balance = new Balance();
    private final Random random = new Random(1);

    private static Chain chain(String name, double... weights) {
        List<Chain.Member> members = new java.util.ArrayList<>();
        for (int i = 0; i < weights.length; i++) {
            members.add(
                    new Chain.Member(new Chain.Entry(TestChains.target("t" + i), TestLimits.defaults()), weights[i]));
        }
        return Chain.of(name, List.of(new Chain.Group(Chain.Kind.BALANCE, members)), TestLimits.defaults());
    }

    private List<String> order(Chain chain, long conversation, boolean goesOn) {
        return balance.arrange(chain, conversation, goesOn).candidates().stream()
                .map(entry -> entry.target().name())
                .toList();
    }

    @Test
    void new_conversations_go_by_weight_even_if_all_begin_alike() {
        Chain chain = chain("c", 3, 1);
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < 1_000; i++) {
            counts.merge(order(chain, 42, false).getFirst(), 1, Integer::sum);
        }
        assertThat(counts).containsEntry("t0", 750).containsEntry("t1", 250);
    }

    @Test
    void a_conversation_stays_where_it_began() {
        Chain chain = chain("c", 3, 1, 2);
        for (int i = 0; i < 500; i++) {
            long conversation = random.nextLong();
            String began = order(chain, conversation, false).getFirst();
            for (int turn = 0; turn < 3; turn++) {
                assertThat(order(chain, conversation, true).getFirst()).isEqualTo(began);
            }
        }
    }

    @Test
    void a_conversation_that_began_elsewhere_goes_the_same_way_in_every_process() {
        Chain chain = chain("c", 3, 1, 2);
        Balance other = new Balance();
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < 6_000; i++) {
            long conversation = random.nextLong();
            String here = order(chain, conversation, true).getFirst();
            assertThat(other.arrange(chain, conversation, true)
                            .candidates()
                            .getFirst()
                            .target()
                            .name())
                    .isEqualTo(here);
            counts.merge(here, 1, Integer::sum);
        }
        assertThat(counts.get("t0")).isCloseTo(3_000, within(200));
        assertThat(counts.get("t1")).isCloseTo(1_000, within(150));
    }

    @Test
    void the_share_of_one_that_is_gone_goes_to_the_rest_by_their_weights() {
        Chain chain = chain("c", 2, 3, 1);
        Map<String, Integer> second = new HashMap<>();
        int gone = 0;
        for (int i = 0; i < 12_000; i++) {
            List<String> order = order(chain, random.nextLong(), false);
            assertThat(order).containsExactlyInAnyOrder("t0", "t1", "t2");
            if (order.getFirst().equals("t0")) {
                gone++;
                second.merge(order.get(1), 1, Integer::sum);
            }
        }
        assertThat(gone).isEqualTo(4_000);
        assertThat(second.get("t1")).isCloseTo(3_000, within(150));
    }

    @Test
    void a_chain_without_a_balance_group_is_none_of_its_business() {
        assertThat(Balance.concerns(TestChains.chain(TestLimits.defaults(), "a", "b")))
                .isFalse();
        assertThat(Balance.concerns(chain("c", 1, 1))).isTrue();
    }
}
