package io.bactrian.api;

/**
 * The names of the message headers that {@code direct:chat} reads and leaves. Its body: a text, or a Chat Completions request as text,
 * bytes, stream, file, map or JSON tree. The answer: a Chat Completions document, or the error document, as {@code byte[]} in UTF-8
 * with {@code Content-Type: application/json}.
 */
public final class ChatHeaders {
    /** In, text: the chain, target, alias or {@code provider/model}; else the {@code model} of the body, else {@code default}. */
    public static final String CHAIN = "BactrianChain";

    /** In: shortens the deadline; milliseconds, or a time such as {@code 30s}. */
    public static final String TIMEOUT = "BactrianTimeout";

    /** In, 0 to 1: targets below this quality are skipped. */
    public static final String MIN_QUALITY = "BactrianMinQuality";

    /** In: the longest wait while no target can be asked; milliseconds, or a time such as {@code 0s}, which is none. */
    public static final String MAX_WAIT = "BactrianMaxWait";

    /** In, text: the id of the request in the log, in traces and for providers; else one is made. */
    public static final String REQUEST_ID = "BactrianRequestId";

    /** Out, text: the target that answered; {@code stale} or {@code static:<name>} for a last resort; absent without an answer. */
    public static final String TARGET = "BactrianTarget";

    /** Out, text: every call, such as {@code a/m=OVERLOADED, b/m=OK}; empty if there was none. */
    public static final String ATTEMPTS = "BactrianAttempts";

    /** Out, text: the candidates that were skipped, and why, such as {@code a/m=CIRCUIT_OPEN}; absent if there are none. */
    public static final String SKIPPED = "BactrianSkipped";

    /** Out, {@code Integer}: how many candidates failed or were skipped before the one that answered. */
    public static final String FALLBACKS = "BactrianFallbacks";

    /** Out, text: {@code false}, or why the answer is not the best one, such as {@code stale}; absent without an answer. */
    public static final String DEGRADED = "BactrianDegraded";

    /** Out, {@code Integer}: the HTTP status that the same request would have had. */
    public static final String STATUS = "BactrianStatus";

    private ChatHeaders() {}
}
