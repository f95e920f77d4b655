package io.bactrian.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;

/**
 * The wire protocol of a simulated provider, read and written in the format of the real one. Implementations are
 * stateless.
 */
sealed interface SimulatedProtocol permits SimulatedOpenAi, SimulatedAnthropic, SimulatedCompletions {

    /**
     * Parses a request.
     *
     * @throws IllegalArgumentException if the real provider would answer 400; the message is for the caller
     */
    SimulatedRequest read(JsonNode request);

    /** The answer of the simulated model. */
    default Answer answer(SimulatedRequest asked) {
        return SimulatedModel.answer(asked);
    }

    /** The answer as one document. */
    String document(Answer answer, SimulatedRequest asked, String id);

    /** The answer as a stream: all its events in order. */
    List<Event> events(Answer answer, SimulatedRequest asked, String id);

    String models(String model);

    /** The headers of every response: ids, versions and remaining rate limits. */
    Map<String, String> headers(String id);

    /** The HTTP status for a lack of capacity. */
    int overloadedStatus();

    /**
     * The body of an error response.
     *
     * @param status 400, 404, 429, 500 or {@link #overloadedStatus()}
     */
    String error(int status, String message);
}
