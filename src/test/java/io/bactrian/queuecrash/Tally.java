package io.bactrian.queuecrash;

import io.bactrian.testing.Call;
import java.util.List;
import java.util.Map;

/**
 * The count of what became of requests. Immutable.
 *
 * @param requests those that the broker has confirmed
 * @param lost those without a reply
 * @param doubled those with more than one
 * @param wrong replies that are not the answer to their request
 * @param dead messages in queues for what could not be handled
 * @param asked calls beyond the first of each request
 * @param given of these, calls after one whose answer had been written to the socket
 * @param stored of these, calls though the answer was in the store when a gateway was killed
 */
record Tally(int requests, int lost, int doubled, int wrong, long dead, int asked, int given, int stored) {
    static final Tally NONE = new Tally(0, 0, 0, 0, 0, 0, 0, 0);

    /**
     * Counts.
     *
     * @param storedAt by mark, the nanosecond at which an answer was seen in the store of a killed gateway
     */
    static Tally of(
            List<String> marks, QueueClient client, CountingProvider provider, Map<String, Long> storedAt, long dead) {
        int lost = 0;
        int doubled = 0;
        int wrong = 0;
        int asked = 0;
        int given = 0;
        int stored = 0;
        for (String mark : marks) {
            Map<String, QueueClient.Answered> replies = client.replies(mark);
            lost += replies.isEmpty() ? 1 : 0;
            doubled += replies.size() > 1 ? 1 : 0;
            wrong += (int) replies.values().stream()
                    .filter(reply -> !reply.text().contains(CountingProvider.answer(mark)))
                    .count();
            List<Call> calls = provider.calls(mark);
            long since = storedAt.getOrDefault(mark, Long.MAX_VALUE);
            for (int i = 1; i < calls.size(); i++) {
                asked++;
                given += calls.subList(0, i).stream().anyMatch(Call::answered) ? 1 : 0;
                stored += calls.get(i).arrivedAt() > since ? 1 : 0;
            }
        }
        return new Tally(marks.size(), lost, doubled, wrong, dead, asked, given, stored);
    }

    Tally plus(Tally other) {
        return new Tally(
                requests + other.requests,
                lost + other.lost,
                doubled + other.doubled,
                wrong + other.wrong,
                dead + other.dead,
                asked + other.asked,
                given + other.given,
                stored + other.stored);
    }

    /** Without what a gateway cannot know that has no access to the store of another. */
    Tally withoutStore() {
        return new Tally(requests, lost, doubled, wrong, dead, asked, given, 0);
    }

    /** Whether every request was answered once, with its answer, and no stored answer was paid for again. */
    boolean kept() {
        return lost == 0 && doubled == 0 && wrong == 0 && dead == 0 && stored == 0;
    }

    @Override
    public String toString() {
        return "%d requests: %d lost, %d answered twice, %d with a wrong answer, %d dead letters; asked again %d, of these given before %d, stored before %d"
                .formatted(requests, lost, doubled, wrong, dead, asked, given, stored);
    }
}
