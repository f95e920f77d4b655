package io.bactrian.provider.failure;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ClassifierFixturesTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-22T10:00:00Z"), ZoneOffset.UTC);

    private final List<Failure> unclassified = new ArrayList<>();
    /** A provider may ask for more; after an hour it is asked again. */
    private static final long LONGEST_WAIT = Duration.ofHours(1).toMillis();

    private final Classifier classifier = new Classifier(CLOCK, List.of(), unclassified::add);

    static Stream<Fixtures.Case> http_errors() {
        return Fixtures.cases()
                .filter(it -> it.kind().equals("http"))
                .filter(it -> it.status() >= 400 || ErrorBody.isError(ErrorBody.parse(it.body())));
    }

    static Stream<Fixtures.Case> http_successes() {
        return Fixtures.cases().filter(it -> it.kind().equals("http") && it.type() == null);
    }

    static Stream<Fixtures.Case> finishes() {
        return Fixtures.cases()
                .filter(it -> it.kind().equals("http") && it.status() == 200)
                .filter(it -> Set.of("CONTENT_POLICY", "OVERLOADED").contains(String.valueOf(it.type())));
    }

    static Stream<Fixtures.Case> streams() {
        return Fixtures.cases().filter(it -> it.kind().equals("sse"));
    }

    @ParameterizedTest
    @MethodSource("http_errors")
    void every_http_error_has_the_class_and_the_wait_of_the_manifest(Fixtures.Case it) {
        Failure failure = classifier.classify(it.status(), it.headers(), it.body());

        assertThat(failure.type()).as(failure.toString()).isEqualTo(FailureClass.valueOf(it.type()));
        assertThat(failure.retryAfter())
                .isEqualTo(
                        it.retryAfterMs() == null
                                ? null
                                : Duration.ofMillis(Math.min(it.retryAfterMs(), LONGEST_WAIT)));
        assertThat(failure.status()).isGreaterThanOrEqualTo(400);
        assertThat(failure.reason()).isNotBlank().doesNotContain("<", "\n", "org_example");
        assertThat(unclassified).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("http_successes")
    void no_success_is_taken_for_an_error(Fixtures.Case it) {
        assertThat(classifier.inEvent(ErrorBody.parse(it.body()))).isNull();
    }

    @ParameterizedTest
    @MethodSource("finishes")
    void a_finish_reason_that_is_a_failure_has_its_class(Fixtures.Case it) {
        assertThat(finishes(ErrorBody.parse(it.body())))
                .extracting(Classifier::ofFinish)
                .containsExactly(FailureClass.valueOf(it.type()));
    }

    @ParameterizedTest
    @MethodSource("streams")
    void an_error_event_has_the_class_of_the_manifest(Fixtures.Case it) {
        List<FailureClass> found = new ArrayList<>();
        for (JsonNode event : it.events()) {
            Failure failure = classifier.inEvent(event);
            if (failure != null) {
                found.add(failure.type());
            } else {
                finishes(event)
                        .map(Classifier::ofFinish)
                        .filter(Objects::nonNull)
                        .forEach(found::add);
            }
        }
        if (it.type() == null || Set.of("STREAM_BROKEN", "INVALID_RESPONSE").contains(it.type()) && !hasError(it)) {
            assertThat(found).isEmpty();
        } else {
            assertThat(found).containsExactly(FailureClass.valueOf(it.type()));
        }
        assertThat(unclassified).isEmpty();
    }

    private static boolean hasError(Fixtures.Case it) {
        return it.events().stream().anyMatch(ErrorBody::isError);
    }

    private static Stream<String> finishes(JsonNode json) {
        return Stream.of(
                        json.path("choices").path(0).path("finish_reason"),
                        json.path("stop_reason"),
                        json.path("delta").path("stop_reason"))
                .filter(JsonNode::isTextual)
                .map(JsonNode::asText);
    }
}
