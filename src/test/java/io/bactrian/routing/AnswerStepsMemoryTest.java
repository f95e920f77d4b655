package io.bactrian.routing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.bactrian.config.Chain;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Candidate;
import io.bactrian.policy.Decision;
import io.bactrian.policy.FailureClass;
import io.bactrian.policy.Plan;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.openai.ChatCompletions;
import io.bactrian.protocol.openai.ChatProvider;
import io.bactrian.provider.AnswerMemory;
import io.bactrian.provider.Attempt;
import io.bactrian.provider.ProviderClient;
import io.bactrian.provider.Watchdog;
import io.bactrian.provider.failure.Classifier;
import io.bactrian.request.DocumentReply;
import io.bactrian.request.RequestContext;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.TestLimits;
import io.bactrian.testing.TestRequests;
import io.bactrian.testing.VirtualClock;
import java.io.ByteArrayInputStream;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerStepsMemoryTest {
    private static final int MEMORY = 1 << 20;
    private static final String HEAD = "data: {\"choices\":[{\"index\":0,\"delta\":";

    private final VirtualClock clock = new VirtualClock();
    private final Classifier classifier = new Classifier(clock);
    private final AnswerMemory memory = new AnswerMemory(MEMORY);
    private final Chain chain = TestChains.chain(TestLimits.defaults(), "a", "b");

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Before any content.
                HEAD + "{\"role\":\"assistant\",\"x\":\"FILL\"}}]}\n\n",
                HEAD + "{}}]}\n\n",
                // A call without a name.
                HEAD + "{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"FILL\"}}]}}]}\n\n",
                // A call without an end.
                HEAD
                        + "{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"FILL\"}}]}}]}\n\n",
                // Events without an end.
                "data: FILL\n",
                "FILL"
            })
    void stream_that_sends_nothing_for_the_caller_takes_no_more_memory_than_there_is(String events) {
        int length = 8 << 20;
        String event = events.replace("FILL", "x".repeat(10_000));
        String prefix = event.startsWith("data") ? "" : "data: ";

        CallFailed failed = catchThrowableOfType(
                CallFailed.class, () -> read((prefix + event.repeat(length / event.length())).getBytes(UTF_8)));

        assertThat(failed.failure().type()).isEqualTo(FailureClass.OVERLOADED);
        assertThat(failed.counts()).isFalse();
        assertThat(memory.take(MEMORY)).as("all is given back").isTrue();
    }

    private void read(byte[] body) throws Exception {
        try (Watchdog watchdog = new Watchdog(clock);
                DefaultCamelContext camel = new DefaultCamelContext()) {
            var request = ChatCompletions.PROTOCOL.read("{\"messages\":[{}]}".getBytes(UTF_8));
            Plan plan = TestChains.plan(chain, clock.millis() + 600_000);
            RequestContext context = TestRequests.planned(
                    request, chain, plan, new DocumentReply(ChatCompletions.PROTOCOL, "req_1"), clock.millis(), false);
            Candidate candidate = plan.candidates().getFirst();
            context.decide(new Decision.Ask(candidate, 0, Decision.Wait.NONE));
            var tracked = TestRequests.call(candidate.target());
            context.call(CallOptions.plainly(true), tracked);
            Exchange exchange = new DefaultExchange(camel);
            exchange.setProperty(
                    ProviderClient.ATTEMPT,
                    new Attempt(context, candidate, tracked, new ChatProvider(), classifier, false, watchdog, clock));
            exchange.getMessage().setBody(new ByteArrayInputStream(body));
            new AnswerSteps(classifier, memory, clock).read(exchange);
        }
    }
}
