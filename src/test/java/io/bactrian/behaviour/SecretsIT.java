package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.joran.spi.JoranException;
import ch.qos.logback.core.read.ListAppender;
import io.bactrian.testing.Call;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Scene;
import io.bactrian.testing.Spans;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.LoggerFactory;

/** Secrets: keys, prompts and answers are where they belong, and nowhere else. */
@Isolated("it sets up the log anew")
final class SecretsIT {
    private static final String OPENAI_KEY = "sk-proj-Wb8keyOfTheOpenAiAccount0123456789";
    /** With nothing that tells a key from a word. */
    private static final String PLAIN_KEY = "dromedary-in-the-cellar";

    private static final String ANTHROPIC_KEY = "sk-ant-api03-keyOfTheAnthropicAccount_-AA";
    private static final String CALLER_KEY = "key-of-a-caller-4711";
    private static final String WRONG_KEY = "key-of-a-stranger-4712";
    private static final String PROMPT = "Zanzibar is the prompt";
    private static final String ANSWER = "Quagga is the answer";
    private static final String ORGANISATION = "org-4hVQz8LkWn2dCm7pRt";
    private static final String COOKIE = "cookie-of-the-provider";
    private static final List<String> CALLERS = List.of(CALLER_KEY, WRONG_KEY, "cookie-of-the-caller", "proxy-secret");
    private static final List<String> KEYS = List.of(OPENAI_KEY, PLAIN_KEY, ANTHROPIC_KEY);

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final List<Gateway.Answer> answers = new ArrayList<>();

    @BeforeEach
    void everything_that_can_be_logged_is_logged() throws JoranException {
        capture(configured("/io/bactrian/logback.xml"));
    }

    @AfterEach
    void log_as_before() throws JoranException {
        configured("/logback-test.xml");
    }

    @Test
    void no_secret_is_told_to_callers_or_the_log_whatever_happens() {
        try (Scene scene = scene("bactrian.server.keys=team:" + CALLER_KEY)) {
            everything_happens(scene);

            assertThat(answers).extracting(Gateway.Answer::status).contains(200, 400, 401, 404, 503);
            for (Gateway.Answer answer : answers) {
                assertThat(whole(answer))
                        .doesNotContain(KEYS)
                        .doesNotContain(CALLERS)
                        .doesNotContainIgnoringCase(
                                ORGANISATION, COOKIE, "set-cookie", "openai-organization", "ratelimit", "cf-ray");
                assertThat(whole(answer)).doesNotContain("Wb8key", "0123456789", "keyOfThe", "cellar");
                assertThat(whole(answer)).doesNotContain(PROMPT, "Zanzibar");
                if (answer.status() != 200) {
                    assertThat(whole(answer)).doesNotContain("Quagga");
                }
            }
            assertThat(whole(scene.get("/status", "x-api-key", CALLER_KEY)))
                    .contains("AUTHENTICATION")
                    .doesNotContain(KEYS)
                    .doesNotContain(CALLERS)
                    .doesNotContain("Zanzibar", "Quagga", "cellar");
        }
        the_log_is_clean();
    }

    @Test
    void what_a_caller_says_of_itself_never_goes_upstream() {
        try (Scene scene = scene()) {
            everything_happens(scene);

            assertThat(scene.stub("p").calls())
                    .isNotEmpty()
                    .allSatisfy(call -> carriesOnly(call, "authorization", "Bearer " + OPENAI_KEY));
            assertThat(scene.stub("q").calls())
                    .isNotEmpty()
                    .allSatisfy(call -> carriesOnly(call, "authorization", "Bearer " + PLAIN_KEY));
            assertThat(scene.stub("f").calls()).isNotEmpty().allSatisfy(call -> {
                carriesOnly(call, "x-api-key", ANTHROPIC_KEY);
                assertThat(call.header("anthropic-version")).isNotNull();
            });
        }
        the_log_is_clean();
    }

    @Test
    void no_secret_is_in_a_trace() {
        Spans spans = new Spans();
        try (Scene scene = unstarted(
                        "bactrian.server.keys=team:" + CALLER_KEY, "bactrian.providers.p.query.sig=" + COOKIE)
                .traced(spans)
                .start()) {
            everything_happens(scene);
        }
        assertThat(spans.all()).hasSizeGreaterThan(20);
        assertThat(spans.all().toString())
                .contains("POST /v1/chat/completions", "chat model-q", "AUTHENTICATION")
                .doesNotContain(KEYS)
                .doesNotContain(CALLERS)
                .doesNotContain("Wb8key", "cellar", "Zanzibar", "Quagga", COOKIE, ORGANISATION, "10.11.12.13");
        the_log_is_clean();
    }

    @Test
    void the_password_of_a_database_is_told_nowhere() {
        String url = "jdbc:postgresql://127.0.0.1:1/stale?user=bactrian&password=" + PLAIN_KEY;
        try (Scene scene = scene(
                "bactrian.chains.default=p/model-p, stale",
                "bactrian.stale.store=" + url,
                "bactrian.server.keys=team:" + CALLER_KEY)) {
            scene.stub("p").answers(Reply.text(ANSWER), Reply.error(500, "server_error", null, "down"));
            ask(scene, "default", true);
            ask(scene, "default", false);
            await().untilAsserted(() -> assertThat(List.copyOf(log.list))
                    .anySatisfy(event -> assertThat(event.getFormattedMessage()).contains("the step is skipped")));
            answers.add(scene.get("/status", caller(CALLER_KEY)));
        }
        assertThat(answers).allSatisfy(answer -> assertThat(whole(answer)).doesNotContain(PLAIN_KEY, "jdbc:"));
        assertThat(log.list)
                .allSatisfy(event -> assertThat(event.getFormattedMessage()).doesNotContain("127.0.0.1:1/stale"));
        the_log_is_clean();
    }

    private static Scene scene(String... more) {
        return unstarted(more).start();
    }

    private static Scene unstarted(String... more) {
        return Scene.with(
                        "bactrian.providers.p.api-key=" + OPENAI_KEY,
                        "bactrian.providers.q.api-key=" + PLAIN_KEY,
                        "bactrian.providers.f.api-key=" + ANTHROPIC_KEY,
                        "bactrian.chains.second=q/model-q, f/model-f",
                        "bactrian.chains.third=f/model-f",
                        "bactrian.chains.only=q/another",
                        "bactrian.defaults.backoff=10ms",
                        "bactrian.defaults.breaker.failures=1000")
                .and(more)
                .openai("p", "q")
                .anthropic("f");
    }

    private void everything_happens(Scene scene) {
        String[] told = {
            "openai-organization", ORGANISATION,
            "set-cookie", "session=" + COOKIE,
            "x-ratelimit-remaining-requests", "7",
            "anthropic-ratelimit-tokens-remaining", "9",
            "cf-ray", "1-FRA",
            "x-request-id", "req_of_the_provider"
        };
        scene.stub("p").answers(Reply.text(ANSWER).headers(told));
        scene.stub("f").answers(Reply.text(ANSWER).headers(told));
        ask(scene, "default", false);
        ask(scene, "default", true);
        ask(scene, "third", false);
        ask(scene, "third", true);

        scene.stub("q")
                .answers(
                        Reply.error(500, "server_error", PLAIN_KEY, "the key " + PLAIN_KEY + " is not loaded", told),
                        Reply.status(503, "{\"detail\":\"Bearer " + PLAIN_KEY + " is overloaded\"}", told),
                        Reply.reset());
        ask(scene, "second", false);
        scene.stub("q").answers(Reply.text(ANSWER).headers(told).resetAfter(2));
        ask(scene, "second", true);
        scene.stub("q")
                .answers(Reply.text(ANSWER)
                        .errorEventAfter(
                                0,
                                "{\"error\":{\"message\":\"" + PLAIN_KEY + " failed\",\"code\":\"" + PLAIN_KEY
                                        + "\"}}"));
        ask(scene, "second", true);
        scene.stub("q")
                .answers(Reply.html(), Reply.status(200, "{\"answer\":\"" + ANSWER + "\"}"), Reply.closeSilently());
        ask(scene, "second", false);
        scene.stub("q")
                .answers(Reply.error(
                        400,
                        "invalid_request_error",
                        "bad_" + PLAIN_KEY,
                        "No such field. Authorization: Bearer " + PLAIN_KEY + " " + PLAIN_KEY,
                        told));
        ask(scene, "second", false);
        ask(scene, "second", true);
        scene.stub("q").answers(Reply.error(500, "server_error", null, PLAIN_KEY + " " + ORGANISATION, told));
        ask(scene, "only", false);
        ask(scene, "only", true);

        scene.stub("p")
                .answers(Reply.error(
                        401,
                        "invalid_request_error",
                        "invalid_api_key",
                        "Incorrect API key provided: " + OPENAI_KEY.substring(0, 12)
                                + "***6789. You can find it at ...",
                        told));
        scene.stub("q").answers(Reply.error(401, "authentication_error", null, "invalid x-api-key " + PLAIN_KEY, told));
        scene.stub("f")
                .answers(Reply.error(
                        401,
                        "authentication_error",
                        null,
                        "invalid x-api-key " + ANTHROPIC_KEY,
                        "request-id",
                        ORGANISATION));
        ask(scene, "default", false);
        ask(scene, "default", true);

        answers.add(scene.post("/v1/chat/completions", "{\"messages\":", caller(CALLER_KEY)));
        answers.add(scene.post("/v1/chat/completions", "{}", caller(WRONG_KEY)));
        answers.add(scene.get("/status", caller(CALLER_KEY)));
        answers.add(scene.get("/v1/models", caller(CALLER_KEY)));
        answers.add(scene.get("/v1/nothing", caller(CALLER_KEY)));
        answers.add(scene.get("/health/ready", caller(WRONG_KEY)));
    }

    private void ask(Scene scene, String model, boolean stream) {
        answers.add(scene.post(
                "/v1/chat/completions",
                "{\"model\":\"" + model + "\",\"stream\":" + stream + ",\"messages\":[{\"role\":\"user\",\"content\":\""
                        + PROMPT + "\"}]}",
                caller(CALLER_KEY)));
    }

    private static String[] caller(String key) {
        return new String[] {
            "authorization", "Bearer " + key,
            "cookie", "session=cookie-of-the-caller",
            "proxy-authorization", "Basic proxy-secret",
            "openai-organization", "organisation-of-the-caller",
            "x-forwarded-for", "10.11.12.13",
            "x-goog-api-key", key,
            "api-key", key
        };
    }

    private static void carriesOnly(Call call, String header, String value) {
        assertThat(call.header(header)).isEqualTo(value);
        assertThat(new TreeSet<>(call.headers().keySet().stream()
                        .map(String::toLowerCase)
                        .toList()))
                .isSubsetOf(
                        "host",
                        "accept",
                        "accept-encoding",
                        "connection",
                        "content-length",
                        "content-type",
                        "transfer-encoding",
                        "user-agent",
                        "anthropic-version",
                        header);
        assertThat(call.headers().values()).noneMatch(v -> CALLERS.stream().anyMatch(v::contains));
    }

    private void the_log_is_clean() {
        List<ILoggingEvent> events = List.copyOf(log.list);
        assertThat(events).anyMatch(e -> e.getLoggerName().equals("bactrian.requests"));
        assertThat(events).anyMatch(e -> e.getLevel() == Level.DEBUG);
        for (ILoggingEvent event : events) {
            String text = event.getLoggerName() + " " + event.getFormattedMessage()
                    + (event.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(event.getThrowableProxy()));
            assertThat(text).doesNotContain(KEYS).doesNotContain(CALLERS);
            assertThat(text).doesNotContain("Wb8key", "cellar", "Zanzibar", "Quagga", COOKIE);
        }
    }

    private static String whole(Gateway.Answer answer) {
        return answer.response().headers().map() + "\n" + answer.text();
    }

    private static LoggerContext configured(String file) throws JoranException {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(SecretsIT.class.getResource(file));
        return context;
    }

    private void capture(LoggerContext context) {
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.detachAndStopAllAppenders();
        for (Logger logger : context.getLoggerList()) {
            if (logger.getLevel() != null && logger.getLevel() != Level.OFF) {
                logger.setLevel(Level.DEBUG);
            }
        }
        log.setContext(context);
        log.start();
        root.addAppender(log);
    }
}
