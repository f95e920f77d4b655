package io.bactrian.provider.failure;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.FinishFailures;
import java.time.Clock;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The classifier of failed calls: turns a provider's response, or the exception in its place, into a {@link Failure}.
 * Total: nothing that a provider sends makes it throw. An error counts the same with an error status, inside a 200, or
 * as an event. Thread-safe.
 */
public final class Classifier {

    private static final int MAX_WORD_LENGTH = 100;
    private static final int SUCCESS = 200;

    /** Shorter ones are usually words such as "none", configured for endpoints without keys. */
    private static final int MIN_SECRET_LENGTH = 8;

    private final RetryAfter retryAfter;
    private final List<String> secrets;
    private final Consumer<Failure> unclassified;

    public Classifier(Clock clock) {
        this(clock, List.of(), failure -> {});
    }

    /**
     * @param secrets texts that are masked in every failure, whatever their form
     * @param unclassified receives every failure that matches no rule and becomes a SERVER_ERROR, for counting and
     *     logging
     */
    public Classifier(Clock clock, Collection<String> secrets, Consumer<Failure> unclassified) {
        this.retryAfter = new RetryAfter(clock);
        this.secrets = secrets.stream()
                .filter(secret -> secret.length() >= MIN_SECRET_LENGTH)
                .distinct()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
        this.unclassified = unclassified;
    }

    /**
     * The failure for an HTTP response that is not the expected one.
     *
     * @param headers the value of a header by its lower-case name; null if absent
     * @param body the first bytes, not decoded; at most {@value ErrorBody#LIMIT} are read
     */
    public Failure classify(int status, Function<String, @Nullable String> headers, byte[] body) {
        if (status >= 300 && status < 400) {
            return Failure.of(FailureClass.SERVER_ERROR, status, "redirects are not followed");
        }
        JsonNode json = ErrorBody.parse(body);
        if (status >= 200 && status < 300 && !ErrorBody.isError(json)) {
            String reason = body.length == 0 ? "empty answer" : "not an answer of the protocol";
            return Failure.of(FailureClass.INVALID_RESPONSE, status, reason);
        }
        return decide(status, headers, ErrorBody.read(json));
    }

    /**
     * The failure that an object inside a 200 stands for, be it a document or an event; null if it is no error.
     *
     * @return a failure with the status that the object names, or else 200
     */
    public @Nullable Failure inEvent(JsonNode json) {
        return ErrorBody.isError(json) ? decide(SUCCESS, name -> null, ErrorBody.read(json)) : null;
    }

    /** The failure for a call that ended in an exception. */
    public Failure notThrough(Throwable thrown) {
        Failure failure = NetworkErrors.failure(thrown);
        if (failure != null) {
            return failure;
        }
        Failure unknown =
                Failure.of(FailureClass.SERVER_ERROR, thrown.getClass().getSimpleName());
        unclassified.accept(unknown);
        return unknown;
    }

    /** The class of failure that the finish reason of an answer with content stands for; null for a usable answer. */
    public static @Nullable FailureClass ofFinish(@Nullable String reason) {
        return ofFinish(reason, true);
    }

    /**
     * The class of failure that a finish reason stands for, in any vendor's word; null for the end of a usable answer.
     *
     * @param said whether the answer has any content
     */
    public static @Nullable FailureClass ofFinish(@Nullable String reason, boolean said) {
        return FinishFailures.of(reason, said);
    }

    private Failure decide(int http, Function<String, @Nullable String> headers, ErrorBody body) {
        ErrorEvidence evidence = ErrorEvidence.of(http, body);
        ClassificationRules.Rule matched = ClassificationRules.decide(evidence);
        FailureClass type = matched != null ? matched.type() : FailureClass.SERVER_ERROR;
        boolean limited = type == FailureClass.RATE_LIMITED || type == FailureClass.QUOTA_EXHAUSTED;
        Failure failure = new Failure(
                type,
                evidence.status() != 0 ? evidence.status() : http,
                retryAfter.of(headers, body, limited),
                flag(headers.apply("x-should-retry")),
                word(body.code()),
                word(body.type()),
                word(body.param()),
                reason(http, body),
                matched != null && matched.certain(),
                matched == null ? Failure.Concern.USUAL : matched.concern());
        if (matched == null) {
            unclassified.accept(failure);
        }
        return failure;
    }

    private String reason(int status, ErrorBody body) {
        String words = body.quoted().isBlank() ? body.message() : body.message() + ": " + body.quoted();
        String line = Redaction.oneLine(masked(words));
        return line.isEmpty() ? "HTTP " + status : line;
    }

    private @Nullable String word(@Nullable String text) {
        String word = text == null ? "" : Redaction.oneLine(masked(text), MAX_WORD_LENGTH);
        return word.isEmpty() ? null : word;
    }

    private String masked(String text) {
        String masked = text;
        for (String secret : secrets) {
            masked = masked.replace(secret, Redaction.MASK);
        }
        return masked;
    }

    private static @Nullable Boolean flag(@Nullable String value) {
        if (value == null) {
            return null;
        }
        return switch (value.strip()) {
            case "true" -> Boolean.TRUE;
            case "false" -> Boolean.FALSE;
            default -> null;
        };
    }
}
