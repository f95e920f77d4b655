package io.bactrian.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;

/** The protocol of a provider, read and written as the real one does. Implementations are stateless. */
sealed interface SimulatedProtocol permits OpenAiDialect, AnthropicDialect {

    /**
     * The conversation that a request holds.
     *
     * @throws IllegalArgumentException if the provider would answer 400; the message is for the caller
     */
    SimulatedRequest read(JsonNode request);

    /** The answer in one document. */
    String document(Answer answer, SimulatedRequest asked, String id);

    /** The answer as a stream, from the first event to the last. */
    List<Event> events(Answer answer, SimulatedRequest asked, String id);

    String models(String model);

    /** Headers of every answer: ids, versions, what is left of the rate limit. */
    Map<String, String> headers(String id);

    /** How a provider of this kind reports that it has no capacity left. */
    int overloadedStatus();

    /** The body of an error with this status: 400, 404, 429, 500 or {@link #overloadedStatus()}. */
    String error(int status, String message);
}
