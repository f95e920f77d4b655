package io.bactrian.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class InFlightRequestsTest {
    private static final byte[] BODY = {1, 2, 3};
    private static final StoredReply REPLY = new StoredReply(new byte[] {9}, Map.of());

    private final InFlightRequests requests = new InFlightRequests();

    @Test
    void a_second_delivery_gets_the_answer_of_the_first() throws Exception {
        InFlightRequests.Entry first = InFlightRequests.entry("a", BODY);
        assertThat(requests.enter(first)).isSameAs(first);

        InFlightRequests.Entry seen = requests.enter(InFlightRequests.entry("a", BODY.clone()));
        CompletableFuture<StoredReply> waiting = CompletableFuture.supplyAsync(() -> await(seen));
        first.answered(REPLY);

        assertThat(seen).isSameAs(first);
        assertThat(waiting.get(30, TimeUnit.SECONDS)).isSameAs(REPLY);
    }

    @Test
    void a_first_delivery_without_an_answer_lets_the_second_go_on() {
        InFlightRequests.Entry first = requests.enter(InFlightRequests.entry("a", BODY));
        InFlightRequests.Entry second = InFlightRequests.entry("a", BODY);
        assertThat(requests.enter(second)).isSameAs(first);

        requests.end(first);

        assertThat(await(first)).isNull();
        assertThat(requests.enter(second)).isSameAs(second);
    }

    @Test
    void another_request_under_the_same_id_does_not_wait_and_does_not_end_the_first() {
        InFlightRequests.Entry first = requests.enter(InFlightRequests.entry("a", BODY));
        InFlightRequests.Entry other = InFlightRequests.entry("a", new byte[] {4});

        assertThat(requests.enter(other)).isSameAs(other);
        requests.end(other);

        assertThat(requests.enter(InFlightRequests.entry("a", BODY))).isSameAs(first);
    }

    private static StoredReply await(InFlightRequests.Entry entry) {
        try {
            return entry.await(30_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
