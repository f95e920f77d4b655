package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.api.AllProvidersFailedException;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.main.Main;
import org.junit.jupiter.api.Test;

/** The kamelet {@code llm-chat-action} of the class path, in an application of Camel Main. */
final class KameletIT {
    @Test
    void it_asks_the_chain_that_it_is_given_or_the_default_one() throws Exception {
        try (StubProvider p = StubProvider.openai().answers(Reply.text("good"));
                StubProvider f = StubProvider.anthropic().answers(Reply.text("cheap"))) {
            Main main = main(p, f);
            try {
                main.start();

                Exchange cheap = ask(main, "direct:cheap");
                assertThat(cheap.getMessage().getBody(String.class)).contains("cheap");
                assertThat(cheap.getMessage().getHeader("BactrianTarget")).isEqualTo("f/m");
                assertThat(cheap.getMessage().getHeaders()).doesNotContainKey("BactrianChain");
                assertThat(ask(main, "direct:usual").getMessage().getBody(String.class))
                        .contains("good");
            } finally {
                main.stop();
            }
        }
    }

    @Test
    void its_failure_is_one_of_the_route_that_uses_it() throws Exception {
        try (StubProvider p = StubProvider.openai().answers(Reply.error(500, "server_error", null, "broken"));
                StubProvider f = StubProvider.anthropic().answers(Reply.error(500, "api_error", null, "broken"))) {
            Main main = main(p, f);
            try {
                main.start();

                assertThat(ask(main, "direct:usual").getException()).isInstanceOf(AllProvidersFailedException.class);
            } finally {
                main.stop();
            }
        }
    }

    private static Main main(StubProvider p, StubProvider f) {
        Map<String, StubProvider> providers = new LinkedHashMap<>();
        providers.put("p", p);
        providers.put("f", f);
        Main main = new Main();
        LiveGateway.lines(providers, "bactrian.defaults.max-attempts=1", "bactrian.chains.cheap=f/m").stream()
                .filter(line -> line.startsWith("bactrian."))
                .map(line -> line.split("=", 2))
                .forEach(line -> main.addInitialProperty(line[0], line[1]));
        main.configure().addRoutesBuilder(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:cheap").to("kamelet:llm-chat-action?chain=cheap");
                from("direct:usual").to("kamelet:llm-chat-action");
            }
        });
        return main;
    }

    private static Exchange ask(Main main, String address) throws Exception {
        return main.getCamelTemplate()
                .request(address, exchange -> exchange.getMessage().setBody("Hi"));
    }
}
