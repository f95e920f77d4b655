package io.bactrian.behaviour;

import static io.bactrian.behaviour.EmbeddedHost.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.api.AllProvidersFailedException;
import io.bactrian.api.ChatHeaders;
import io.bactrian.api.EngineStartException;
import io.bactrian.api.ProviderCall;
import io.bactrian.api.RequestRejectedException;
import io.bactrian.testing.Ports;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.builder.DeadLetterChannelBuilder;
import org.apache.camel.spi.TypeConvertible;
import org.apache.camel.support.SimpleTypeConverter;
import org.junit.jupiter.api.Test;

/** The engine in a Camel application that has the jar on its class path. */
final class EmbeddedIT {
    private static final Reply BROKEN = Reply.error(500, "server_error", null, "broken");

    @Test
    void a_route_of_the_application_gets_an_answer_although_a_provider_fails() throws Exception {
        try (StubProvider p = StubProvider.openai().answers(BROKEN);
                StubProvider f = StubProvider.anthropic().answers(Reply.text("fine"));
                EmbeddedHost host = EmbeddedHost.over(providers(p, f))
                        .routes(r -> r.from("direct:mine").to("direct:chat").setHeader("after", r.constant("yes")))
                        .start()) {
            Exchange end = host.ask("direct:mine", "How are you?", "mine", "kept");

            assertThat(end.getException()).isNull();
            assertThat(text(end)).contains("\"content\":\"fine\"");
            assertThat(end.getMessage().getHeaders())
                    .containsEntry("mine", "kept")
                    .containsEntry("after", "yes")
                    .containsEntry(ChatHeaders.TARGET, "f/m")
                    .containsEntry(ChatHeaders.STATUS, 200)
                    .containsEntry(Exchange.CONTENT_TYPE, "application/json");
            assertThat(end.getMessage().getHeader(ChatHeaders.ATTEMPTS, String.class))
                    .startsWith("p/m=SERVER_ERROR")
                    .endsWith("f/m=OK");
            assertThat(f.calls()).hasSize(1);
        }
    }

    @Test
    void what_no_target_can_answer_is_an_exception_for_the_error_handling_of_the_application() throws Exception {
        try (StubProvider p = StubProvider.openai().answers(BROKEN);
                EmbeddedHost host = EmbeddedHost.over(Map.of("p", p), "bactrian.defaults.max-attempts=1")
                        .routes(r -> {
                            r.onException(AllProvidersFailedException.class)
                                    .handled(true)
                                    .setHeader("handled", r.simple("${exception.status} ${exception.failureClass}"));
                            r.from("direct:mine").to("direct:chat");
                        })
                        .start()) {
            Exchange handled = host.ask("direct:mine", "Hi");
            assertThat(handled.getException()).isNull();
            assertThat(handled.getMessage().getHeader("handled")).isEqualTo("503 SERVER_ERROR");
            assertThat(text(handled)).contains("all_providers_failed");

            assertThat(host.ask("direct:chat", "Hi").getException())
                    .isInstanceOfSatisfying(AllProvidersFailedException.class, failed -> {
                        assertThat(failed.code()).isEqualTo("all_providers_failed");
                        assertThat(failed.attempts())
                                .first()
                                .extracting(ProviderCall::target, ProviderCall::outcome, ProviderCall::status)
                                .containsExactly("p/m", "SERVER_ERROR", 500);
                    });
        }
    }

    @Test
    void a_request_that_is_none_is_rejected_before_any_provider_is_asked() {
        try (StubProvider p = StubProvider.openai();
                EmbeddedHost host = EmbeddedHost.over(Map.of("p", p)).start()) {
            Exchange end = host.ask("direct:chat", "Hi", ChatHeaders.CHAIN, "nowhere");

            assertThat(end.getException())
                    .isInstanceOfSatisfying(RequestRejectedException.class, rejected -> assertThat(rejected.status())
                            .isEqualTo(404));
            assertThat(end.getMessage().getHeader(ChatHeaders.STATUS)).isEqualTo(404);
            assertThat(p.calls()).isEmpty();
        }
    }

    @Test
    void a_redelivery_of_the_application_is_a_new_request() throws Exception {
        try (StubProvider p = StubProvider.openai().answers(BROKEN, Reply.text("fine"));
                EmbeddedHost host = EmbeddedHost.over(Map.of("p", p), "bactrian.defaults.max-attempts=1")
                        .routes(r -> {
                            r.onException(AllProvidersFailedException.class)
                                    .maximumRedeliveries(1)
                                    .redeliveryDelay(0);
                            r.from("direct:mine").to("direct:chat");
                        })
                        .start()) {
            assertThat(text(host.ask("direct:mine", "Hi"))).contains("fine");
            assertThat(new String(p.lastCall().body(), UTF_8)).contains("Hi");
        }
    }

    @Test
    void bodies_are_converted_by_the_type_converters_of_the_application() {
        try (StubProvider p = StubProvider.openai().answers(Reply.text("fine"));
                EmbeddedHost host = EmbeddedHost.over(Map.of("p", p))) {
            host.context()
                    .getTypeConverterRegistry()
                    .addConverter(
                            new TypeConvertible<>(Question.class, byte[].class),
                            new SimpleTypeConverter(false, (type, exchange, value) -> ((Question) value)
                                    .words()
                                    .getBytes(UTF_8)));
            host.start();

            assertThat(text(host.ask("direct:chat", new Question("Who?")))).contains("fine");
            assertThat(new String(p.lastCall().body(), UTF_8)).contains("\"Who?\"");
        }
    }

    @Test
    void the_application_stays_as_it_is() throws Exception {
        try (StubProvider p = StubProvider.openai().answers(Reply.text("fine"));
                EmbeddedHost without = EmbeddedHost.over(Map.of("p", p), "bactrian.embedded.enabled=false")
                        .routes(r -> r.from("direct:mine").to("direct:chat"))
                        .start();
                EmbeddedHost with = EmbeddedHost.over(Map.of("p", p))
                        .routes(r -> r.from("direct:mine").to("direct:chat"))
                        .start()) {
            with.ask("direct:mine", "Hi");

            assertThat(p.calls()).hasSize(1);
            assertThat(state(with.context())).isEqualTo(state(without.context()));
        }
    }

    @Test
    void global_error_handling_of_the_application_does_not_reach_into_the_engine() throws Exception {
        try (StubProvider p = StubProvider.openai().answers(BROKEN);
                StubProvider f = StubProvider.openai().answers(Reply.text("fine"));
                EmbeddedHost host = EmbeddedHost.over(providers(p, f), "bactrian.defaults.max-attempts=1")) {
            host.context().getCamelContextExtension().setErrorHandlerFactory(new DeadLetterChannelBuilder("mock:dead"));
            host.context().setStreamCaching(false);
            host.routes(r -> r.from("direct:mine").to("direct:chat")).start();

            assertThat(text(host.ask("direct:mine", "Hi"))).contains("fine");
        }
    }

    @Test
    void a_mistake_in_the_configuration_fails_the_start_of_the_application() {
        try (EmbeddedHost host = EmbeddedHost.with(
                "bactrian.providers.p.base-url=http://localhost:1",
                "bactrian.providers.p.keyless=true",
                "bactrian.chains.default=p/m, q/m",
                "bactrian.defaults.deadlin=5s")) {
            assertThatThrownBy(host::start).satisfies(thrown -> assertThat(mistakes(thrown))
                    .hasSize(2)
                    .anySatisfy(line -> assertThat(line).contains("bactrian.chains.default", "q/m"))
                    .anySatisfy(line -> assertThat(line).contains("bactrian.defaults.deadlin", "deadline")));
        }
    }

    @Test
    void without_a_provider_nothing_answers_in_its_place() {
        try (EmbeddedHost host = EmbeddedHost.with(
                "bactrian.providers.anthropic.api-key=",
                "bactrian.providers.openai.api-key=",
                "bactrian.providers.groq.api-key=")) {
            assertThatThrownBy(host::start).satisfies(thrown -> assertThat(mistakes(thrown))
                    .singleElement()
                    .asString()
                    .contains("no provider is on", "ANTHROPIC_API_KEY"));
        }
    }

    @Test
    void simulated_providers_answer_if_the_application_says_so() {
        try (EmbeddedHost host = EmbeddedHost.with("bactrian.demo=on").start()) {
            assertThat(text(host.ask("direct:chat", "Are you there?"))).contains("Hello!");
        }
    }

    @Test
    void a_route_of_the_application_cannot_have_the_address_of_the_engine() {
        try (StubProvider p = StubProvider.openai();
                EmbeddedHost host = EmbeddedHost.over(Map.of("p", p))
                        .routes(r -> r.from("direct://chat?synchronous=true")
                                .routeId("mine")
                                .to("log:mine"))) {
            assertThatThrownBy(host::start).satisfies(thrown -> assertThat(mistakes(thrown))
                    .singleElement()
                    .asString()
                    .contains("mine", "direct:chat", "bactrian.embedded.enabled"));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void two_applications_in_one_process_have_an_engine_each() {
        try (StubProvider p = StubProvider.openai().answers(Reply.text("one"));
                StubProvider f = StubProvider.openai().answers(Reply.text("two"));
                EmbeddedHost first = EmbeddedHost.over(Map.of("p", p)).start();
                EmbeddedHost second = EmbeddedHost.over(Map.of("f", f)).start()) {
            assertThat(text(first.ask("direct:chat", "Hi"))).contains("one");
            assertThat(text(second.ask("direct:chat", "Hi"))).contains("two");

            first.close();

            assertThat(text(second.ask("direct:chat", "Hi"))).contains("two");
        }
    }

    @Test
    void an_application_that_stops_and_starts_again_has_an_engine_again() {
        try (StubProvider p = StubProvider.openai().answers(Reply.text("one"), Reply.text("two"));
                EmbeddedHost host = EmbeddedHost.over(Map.of("p", p)).start()) {
            assertThat(text(host.ask("direct:chat", "Hi"))).contains("one");
            host.close();
            host.start();
            assertThat(text(host.ask("direct:chat", "Hi"))).contains("two");
        }
    }

    @Test
    void an_application_that_stops_ends_its_last_requests_after_its_own_time() throws Exception {
        try (StubProvider silent = StubProvider.openai().answers(Reply.silence());
                EmbeddedHost host = EmbeddedHost.over(Map.of("p", silent))) {
            host.context().getShutdownStrategy().setTimeUnit(TimeUnit.MILLISECONDS);
            host.context().getShutdownStrategy().setTimeout(500);
            host.start();
            CompletableFuture<Exchange> asked =
                    CompletableFuture.supplyAsync(() -> host.ask("direct:chat", "Are you there?"));
            await().until(() -> silent.calls().size() == 1);

            long from = System.nanoTime();
            host.close();

            assertThat(asked.get(20, TimeUnit.SECONDS).getException()).isInstanceOf(AllProvidersFailedException.class);
            assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - from)).isLessThan(20);
            await().until(() -> silent.openConnections() == 0);
        }
    }

    @Test
    void an_http_server_is_there_only_if_the_application_asks_for_it() throws Exception {
        int port = Ports.free();
        URI uri = URI.create("http://127.0.0.1:" + port + "/v1/chat/completions");
        try (StubProvider p = StubProvider.openai().answers(Reply.text("over HTTP"))) {
            try (EmbeddedHost host = EmbeddedHost.over(Map.of("p", p), "bactrian.embedded.port=" + port)
                    .start()) {
                assertThat(host.context().isStarted()).isTrue();
                assertThatThrownBy(() -> post(uri)).isInstanceOf(ConnectException.class);
            }
            try (EmbeddedHost host = EmbeddedHost.over(
                            Map.of("p", p), "bactrian.embedded.port=" + port, "bactrian.embedded.http=true")
                    .start()) {
                assertThat(host.context().isStarted()).isTrue();
                assertThat(post(uri).body()).contains("over HTTP");
            }
            assertThatThrownBy(() -> post(uri)).isInstanceOf(ConnectException.class);
        }
    }

    /** A body that only a type converter of the application can read. */
    private record Question(String words) {}

    private static Map<String, StubProvider> providers(StubProvider p, StubProvider f) {
        Map<String, StubProvider> providers = new LinkedHashMap<>();
        providers.put("p", p);
        providers.put("f", f);
        return providers;
    }

    private static HttpResponse<String> post(URI uri) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(uri)
                            .header("content-type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(
                                    "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private static List<String> mistakes(Throwable thrown) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof EngineStartException failed) {
                return failed.mistakes();
            }
        }
        throw new AssertionError(thrown);
    }

    /** What an application can see of its context. */
    private static Map<String, Object> state(CamelContext context) {
        Map<String, Object> state = new LinkedHashMap<>();
        state.put(
                "routes",
                context.getRoutes().stream()
                        .map(r -> r.getEndpoint())
                        .map(Object::toString)
                        .toList());
        state.put("components", Set.copyOf(context.getComponentNames()));
        state.put(
                "endpoints",
                context.getEndpoints().stream().map(Object::toString).collect(Collectors.toSet()));
        state.put(
                "beans", context.getRegistry().findByTypeWithName(Object.class).keySet());
        state.put("policies", List.copyOf(context.getRoutePolicyFactories()));
        state.put("caching", context.isStreamCaching());
        state.put("timeout", context.getShutdownStrategy().getTimeout());
        state.put(
                "properties",
                context.getPropertiesComponent()
                        .loadProperties(key -> !key.contains("enabled"))
                        .toString());
        state.put(
                "services",
                context.hasServices(Object.class).stream()
                        .map(s -> s.getClass().getName())
                        .collect(Collectors.toSet()));
        return state;
    }
}
