package io.bactrian.provider.failure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClassifierTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-22T10:00:00Z"), ZoneOffset.UTC);

    private final List<Failure> unclassified = new ArrayList<>();
    private final Classifier classifier = new Classifier(CLOCK, List.of(), unclassified::add);

    @ParameterizedTest(name = "{0} {1} concerns {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        402 | {"error":{"message":"You requested up to 65536 tokens, but can only afford 412"}} | REQUEST
        402 | {"error":{"message":"Prompt tokens limit exceeded: 12000 > 5000"}} | REQUEST
        402 | {"error":{"message":"This request requires more credits, or fewer max_tokens"}} | REQUEST
        402 | {"error":{"message":"Insufficient Balance"}} | USUAL
        402 | | USUAL
        429 | {"error":{"code":"insufficient_quota","message":"You exceeded your current quota"}} | USUAL
        403 | {"error":{"type":"permission_error","message":"You may not use this model"}} | MODEL
        403 | {"error":{"status":"PERMISSION_DENIED","message":"No permission for models/x"}} | MODEL
        403 | <html>no</html> | MODEL
        403 | {"error":{"message":"Your API key was reported as leaked"}} | USUAL
        403 | {"error":{"message":"This API key is disabled"}} | USUAL
        403 | {"error":{"message":"Country, region, or territory not supported"}} | USUAL
        403 | {"error":{"code":"account_deactivated"}} | USUAL
        401 | | USUAL
        400 | {"error":{"code":"tool_use_failed"}} | REQUEST
        400 | {"error":{"code":"json_validate_failed"}} | REQUEST
        404 | {"error":{"message":"No such file: file-1"}} | REQUEST
        500 | | USUAL
        """)
    void failure_says_something_of_the_target_the_model_or_the_request_alone(
            int status, @Nullable String body, Failure.Concern concern) {
        byte[] bytes = body == null ? new byte[0] : body.getBytes(UTF_8);

        assertThat(classifier.classify(status, name -> null, bytes).concern()).isEqualTo(concern);
    }

    @ParameterizedTest(name = "{0} {1} is {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        402 | {"error":{"code":402,"metadata":{"limit_source":"openrouter_in_flight_budget"}}} | RATE_LIMITED
        402 | | QUOTA_EXHAUSTED
        429 | {"error":{"type":"insufficient_quota"}} | QUOTA_EXHAUSTED
        429 | {"error":{"code":"workspace_spend_limit_reached"}} | QUOTA_EXHAUSTED
        429 | {"error":{"details":[{"violations":[{"quotaId":"TokensPerDayPerModel"}]}]}} | QUOTA_EXHAUSTED
        400 | {"error":{"message":"Your credit balance is too low"}} | QUOTA_EXHAUSTED
        413 | | CONTEXT_LENGTH
        413 | {"error":{"code":"rate_limit_exceeded","type":"tokens"}} | CONTEXT_LENGTH
        429 | {"error":{"code":"rate_limit_exceeded","message":"Request too large for model"}} | CONTEXT_LENGTH
        429 | {"error":{"type":"tokens","message":"TPM: Limit 30,000, Requested 38,000."}} | CONTEXT_LENGTH
        429 | {"error":{"type":"tokens","message":"TPM: Limit 30000, Used 29000, Requested 2000"}} | RATE_LIMITED
        500 | {"error":{"message":"the request exceeds the available context size"}} | CONTEXT_LENGTH
        400 | {"error":{"code":400,"message":"Provider returned error","metadata":{"raw":"maximum context length is 8"}}} | CONTEXT_LENGTH
        400 | {"error":{"innererror":{"code":"ResponsibleAIPolicyViolation"}}} | CONTENT_POLICY
        400 | {"error":{"code":"invalid_prompt"}} | CONTENT_POLICY
        403 | {"error":{"code":403,"metadata":{"reasons":["violence"]}}} | CONTENT_POLICY
        400 | {"error":{"type":"invalid_request_error","message":"Output blocked by content filtering policy"}} | CONTENT_POLICY
        400 | {"error":{"code":"tool_use_failed"}} | INVALID_RESPONSE
        404 | {"error":{"type":"not_found_error","details":{"error_code":"file_expired"}}} | INVALID_REQUEST
        403 | {"error":{"code":"model_not_found"}} | MODEL_UNAVAILABLE
        410 | gone | MODEL_UNAVAILABLE
        404 | | MODEL_UNAVAILABLE
        401 | | AUTHENTICATION
        403 | <html>no</html> | AUTHENTICATION
        404 | {"error":{"type":"not_found_error","message":"File file_1 was not found"}} | INVALID_REQUEST
        404 | {"error":{"type":"not_found_error","message":"model: claude-9"}} | MODEL_UNAVAILABLE
        404 | {"error":{"code":"model_not_found","message":"The model in this file does not exist"}} | MODEL_UNAVAILABLE
        407 | | AUTHENTICATION
        400 | {"error":{"details":{"error_code":"organization_on_hold"}}} | AUTHENTICATION
        503 | {"error":{"type":"api_error","details":{"error_code":"cmek_key_unreachable"}}} | SERVER_ERROR
        498 | {"error":{"code":"rate_limit_exceeded"}} | OVERLOADED
        503 | {"error":{"message":"Loading model","type":"unavailable_error","code":503}} | OVERLOADED
        529 | {"error":{"details":{"error_code":"compaction_unavailable"}}} | OVERLOADED
        500 | {"error":{"message":"The model is over capacity"}} | OVERLOADED
        429 | | RATE_LIMITED
        429 | {"error":{"code":"429","message":"Rate limit"}} | RATE_LIMITED
        408 | | TIMEOUT
        504 | | TIMEOUT
        522 | <html></html> | TIMEOUT
        524 | <html></html> | TIMEOUT
        499 | | CANCELLED
        409 | {"error":{"type":"conflict_error"}} | SERVER_ERROR
        425 | | SERVER_ERROR
        500 | {"error":"boom"} | SERVER_ERROR
        520 | <html></html> | SERVER_ERROR
        599 | | SERVER_ERROR
        400 | {"error":{"details":{"error_code":"request_body_encoding_invalid"},"message":"unsupported"}} | INVALID_REQUEST
        400 | {"error":{"code":"unsupported_value"}} | UNSUPPORTED
        400 | {"error":{"code":null,"param":"reasoning_effort","message":"x"}} | UNSUPPORTED
        400 | {"error":{"message":"This model does not support assistant message prefill."}} | UNSUPPORTED
        400 | {"error":{"message":"The reasoning_content must be passed back"}} | UNSUPPORTED
        400 | {"error":{"message":"max_tokens is too large: 99999"}} | UNSUPPORTED
        422 | {"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","x"],"msg":"no"}]}} | UNSUPPORTED
        400 | {"error":{"code":"string_above_max_length","message":"context window"}} | UNSUPPORTED
        400 | {"error":{"code":"missing_required_parameter"}} | INVALID_REQUEST
        422 | {"detail":"wrong"} | INVALID_REQUEST
        424 | | INVALID_REQUEST
        400 | not JSON | INVALID_REQUEST
        302 | | SERVER_ERROR
        200 | <html>hello</html> | INVALID_RESPONSE
        200 | | INVALID_RESPONSE
        200 | {"choices":[]} | INVALID_RESPONSE
        200 | {"error":{"code":529}} | OVERLOADED
        """)
    void the_first_row_that_applies_names_the_class(int status, String body, FailureClass type) {
        Failure failure = classify(status, body == null ? "" : body);

        assertThat(failure.type()).isEqualTo(type);
        assertThat(unclassified).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 405, 418, 451})
    void what_no_row_knows_is_a_server_error_and_counted(int status) {
        Failure failure = classify(status, "{\"error\":{\"message\":\"whatever\"}}");

        assertThat(failure.type()).isEqualTo(FailureClass.SERVER_ERROR);
        assertThat(unclassified).containsExactly(failure);
    }

    @Test
    void an_event_without_status_or_known_key_is_a_server_error_and_counted() {
        assertThat(event("{\"error\":{\"message\":\"hm\"}}").type()).isEqualTo(FailureClass.SERVER_ERROR);
        assertThat(event("{\"error\":{}}").type()).isEqualTo(FailureClass.SERVER_ERROR);
        assertThat(event("{\"error\":true,\"message\":\"hm\"}").type()).isEqualTo(FailureClass.SERVER_ERROR);
        assertThat(unclassified).hasSize(3);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        {"error":{"type":"overloaded_error"},"type":"error"} | OVERLOADED
        {"type":"error","message":"x","code":"server_error"} | SERVER_ERROR
        {"error":"model is over capacity"} | OVERLOADED
        {"error":"x","error_type":"overloaded"} | OVERLOADED
        {"object":"error","type":"BadRequestError","code":400,"message":"no"} | INVALID_REQUEST
        {"x_groq":{"error":"any_word"},"choices":[]} | OVERLOADED
        {"choices":[{"error":{"code":"429"}}]} | RATE_LIMITED
        [{"error":{"code":503,"status":"UNAVAILABLE"}}] | OVERLOADED
        {"error":{"code":502.0,"status_code":503}} | OVERLOADED
        {"statusCode":401,"message":"no"} | AUTHENTICATION
        {"detail":[{"type":"extra_forbidden","loc":["body"],"msg":"no"}]} | UNSUPPORTED
        """)
    void an_error_inside_a_stream_counts_as_one_with_a_status(String json, FailureClass type) {
        assertThat(event(json).type()).isEqualTo(type);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"choices\":[{\"delta\":{}}],\"error\":null}",
                "{\"choices\":[],\"error\":\"\"}",
                "{\"error\":false}",
                "{\"error\":0,\"detail\":[]}",
                "{\"type\":\"ping\"}",
                "{\"x_groq\":{\"usage\":{}}}",
                "{}",
                "[]",
                "1"
            })
    void what_is_no_error_gives_none(String json) {
        assertThat(classifier.inEvent(ErrorBody.parse(json.getBytes(UTF_8)))).isNull();
    }

    @Test
    void the_providers_words_are_kept_but_for_secrets_and_account_ids() {
        Failure failure = classify(400, """
            {"error":{"message":"Bad\\nkey sk-proj-abcdefgh12345678 of org-AbCdEf123456 <b>now</b>",
             "type":"invalid_request_error","param":"messages","code":"empty_array"}}\
            """);

        assertThat(failure.reason()).isEqualTo("Bad key *** of *** now");
        assertThat(failure.param()).isEqualTo("messages");
        assertThat(failure.code()).isEqualTo("empty_array");
        assertThat(failure.errorType()).isEqualTo("invalid_request_error");
        assertThat(failure.status()).isEqualTo(400);
    }

    @Test
    void an_edge_error_page_does_not_become_the_reason() {
        assertThat(classify(502, "<html><title>502</title></html>").reason()).isEqualTo("HTTP 502");
        assertThat(classify(502, "{\"error\":\"<!DOCTYPE html><p>x\"}").reason())
                .isEqualTo("HTTP 502");
    }

    @Test
    void the_words_of_the_provider_behind_a_router_follow_the_routers_own() {
        Failure failure = classify(
                400,
                "{\"error\":{\"message\":\"Provider returned error\",\"metadata\":{\"raw\":\"upstream said no\"}}}");

        assertThat(failure.reason()).isEqualTo("Provider returned error: upstream said no");
    }

    @Test
    void an_error_document_sent_as_an_event_is_read() {
        Failure failure = classify(400, "event: error\ndata: {\"error\":{\"code\":\"context_length_exceeded\"}}\n\n");

        assertThat(failure.type()).isEqualTo(FailureClass.CONTEXT_LENGTH);
    }

    @Test
    void no_more_than_64_kib_of_a_document_are_read() {
        String code = "{\"error\":{\"code\":\"context_length_exceeded\"}}";

        assertThat(classify(400, " ".repeat(ErrorBody.LIMIT - code.length()) + code)
                        .type())
                .isEqualTo(FailureClass.CONTEXT_LENGTH);
        assertThat(classify(400, " ".repeat(ErrorBody.LIMIT) + code).type()).isEqualTo(FailureClass.INVALID_REQUEST);
    }

    @Test
    void the_wait_and_the_should_retry_header_are_kept() {
        Map<String, String> headers = Map.of("retry-after", "2", "x-should-retry", "false");

        Failure failure = classifier.classify(503, headers::get, new byte[0]);

        assertThat(failure.retryAfter()).isEqualTo(Duration.ofSeconds(2));
        assertThat(failure.shouldRetry()).isFalse();
    }

    @Test
    void the_state_of_the_limits_says_nothing_about_another_failure() {
        Map<String, String> headers =
                Map.of("x-ratelimit-remaining-requests", "0", "x-ratelimit-reset-requests", "2m59.56s");

        assertThat(classifier.classify(500, headers::get, new byte[0]).retryAfter())
                .isNull();
        assertThat(classifier.classify(429, headers::get, new byte[0]).retryAfter())
                .isEqualTo(Duration.ofMillis(179_560));
    }

    @Test
    void an_event_names_its_own_status() {
        assertThat(event("{\"error\":{\"code\":502}}").status()).isEqualTo(502);
        assertThat(event("{\"error\":{\"type\":\"server_error\"}}").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "content_filter,CONTENT_POLICY",
        "refusal,CONTENT_POLICY",
        "insufficient_system_resource,OVERLOADED",
        "error,INVALID_RESPONSE",
        "stop,",
        "end_turn,",
        "model_length,",
        ","
    })
    void a_finish_reason_may_be_a_failure(String reason, FailureClass type) {
        assertThat(Classifier.ofFinish(reason)).isEqualTo(type);
    }

    private Failure classify(int status, String body) {
        return classifier.classify(status, name -> null, body.getBytes(UTF_8));
    }

    private Failure event(String json) {
        return classifier.inEvent(ErrorBody.parse(json.getBytes(UTF_8)));
    }
}
