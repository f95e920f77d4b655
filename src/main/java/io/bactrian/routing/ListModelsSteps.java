package io.bactrian.routing;

import io.bactrian.config.Target;
import io.bactrian.health.CallOutcomes;
import io.bactrian.health.TrackedCall;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.ProviderProtocol;
import io.bactrian.protocol.ProviderProtocols;
import io.bactrian.provider.Attempt;
import io.bactrian.provider.Watchdog;
import io.bactrian.provider.failure.Classifier;
import io.bactrian.request.RequestContext;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import org.apache.camel.Exchange;

/** The steps of a probe that asks a provider for its list of models. Thread-safe. */
public final class ListModelsSteps {
    /** The list of a router has some hundreds of models. */
    private static final int MAX_BYTES = 16 << 20;

    private final ProviderProtocols protocols;
    private final CallOutcomes outcomes;
    private final Classifier classifier;
    private final Watchdog watchdog;
    private final Clock clock;

    public ListModelsSteps(
            ProviderProtocols protocols, CallOutcomes outcomes, Classifier classifier, Watchdog watchdog, Clock clock) {
        this.protocols = protocols;
        this.outcomes = outcomes;
        this.classifier = classifier;
        this.watchdog = watchdog;
        this.clock = clock;
    }

    /** Takes a key and sets the limit. The headers are those of a chat in the provider's protocol. */
    public void prepare(Exchange exchange) {
        RequestContext context = ExchangeProperties.context(exchange);
        Target target = context.candidate().target();
        ProviderProtocol protocol = protocols.of(target.provider());
        CallOptions options = CallOptions.plainly(false);
        Map<String, Object> headers = new HashMap<>(
                protocol.encode(context.request(), target, options).headers());
        headers.put("Accept", "application/json");
        TrackedCall tracked = outcomes.beginProbe(target, context.candidate().limits());
        Attempt attempt =
                new Attempt(context, context.candidate(), tracked, protocol, classifier, true, watchdog, clock);
        context.currentCall().onEnd(() -> attempt.close(false));
        context.call(options, tracked);
        attempt.expect(null, "list of models");
        ExchangeProperties.set(exchange, attempt);
        exchange.setProperty(Exchange.SKIP_GZIP_ENCODING, true);
        exchange.getMessage().setHeaders(headers);
        exchange.getMessage().setBody(null);
    }

    /**
     * Reads the list to its end. Whether the target's model is in it does not matter: many have other names there.
     *
     * @throws CallFailed if it is no JSON, or breaks off
     */
    public void read(Exchange exchange) {
        Attempt attempt = ExchangeProperties.attempt(exchange);
        boolean whole = false;
        try {
            byte[] list = exchange.getMessage().getBody() instanceof InputStream in ? in.readNBytes(MAX_BYTES) : null;
            if (list == null || Json.parse(list) == null) {
                throw new CallFailed(
                        Failure.of(FailureClass.INVALID_RESPONSE, attempt.status(), "the list of models is not JSON"));
            }
            long took = clock.millis() - attempt.startedAt();
            attempt.context().succeeded("OK", attempt.status(), took, null);
            whole = true;
        } catch (IOException e) {
            throw attempt.failed(e);
        } finally {
            attempt.close(whole);
        }
    }
}
