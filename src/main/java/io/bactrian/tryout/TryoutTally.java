package io.bactrian.tryout;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The requests of one tryout and what came back. Thread-safe. */
final class TryoutTally {
    private static final int OK = 200;
    /** The name for replies that name no target: errors. */
    private static final String NO_TARGET = "no target";

    private final Map<String, Request> requests = new HashMap<>();
    private final Map<String, Integer> byTarget = new TreeMap<>();
    private int sent;
    private int replied;
    private int answers;
    private int errors;
    private int doubled;

    /** The replies of one request. */
    private static final class Request {
        private final Set<String> replies = new HashSet<>();
        private int copies;
    }

    /**
     * The state of all requests.
     *
     * @param sent requests that the broker has
     * @param replied requests with a reply
     * @param answers replies with an answer; the first of each request counts
     * @param errors replies with an error
     * @param doubled requests with more than one reply
     */
    record Count(int sent, int replied, int answers, int errors, int doubled) {
        /** Requests without a reply. */
        int open() {
            return sent - replied;
        }
    }

    private Request request(String id) {
        return requests.computeIfAbsent(id, unused -> new Request());
    }

    /** Notes that the broker has another request. */
    synchronized void sent() {
        sent++;
    }

    /** Notes that the broker may have a copy of the request beside the one that {@link #sent} tells of. */
    synchronized void perhapsSent(String id) {
        request(id).copies++;
    }

    /**
     * Notes a reply.
     *
     * @param id the request that it answers
     * @param message the id of the message; one that the broker delivers again is not a second reply
     * @param status the status of the reply
     * @param target who answered, null if it names none
     */
    synchronized void reply(String id, String message, int status, @Nullable String target) {
        Request request = request(id);
        if (!request.replies.add(message)) {
            return;
        }
        int count = request.replies.size();
        if (count == 1) {
            replied++;
            if (status == OK) {
                answers++;
            } else {
                errors++;
            }
            byTarget.merge(target == null ? NO_TARGET : target, 1, Integer::sum);
        } else if (count == 2 + request.copies) {
            doubled++;
        }
    }

    synchronized Count count() {
        return new Count(sent, replied, answers, errors, doubled);
    }

    /** One line for each target that answered: its name, and how many requests. The busiest comes first. */
    synchronized List<String> targets() {
        List<Map.Entry<String, Integer>> sorted = new ArrayList<>(byTarget.entrySet());
        sorted.sort(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder()));
        int width =
                sorted.stream().mapToInt(entry -> entry.getKey().length()).max().orElse(1);
        return sorted.stream()
                .map(entry -> ("  %-" + width + "s  %d").formatted(entry.getKey(), entry.getValue()))
                .toList();
    }
}
