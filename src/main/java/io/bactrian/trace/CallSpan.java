package io.bactrian.trace;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.bactrian.health.DrillFault;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.CallRecord;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Usage;
import io.bactrian.request.CallTrace;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** The span of one call to a provider. Used by the thread that makes the call. */
final class CallSpan implements CallTrace {
    /** The events in which the name of the model is looked for. */
    private static final int FIRST_EVENTS = 4;

    private static final int MAX_NAME_LENGTH = 128;
    private static final double NANOS = 1e9;

    private final Span span;
    private final TextMapPropagator propagator;
    private final long begunAt = System.nanoTime();
    private int events;

    CallSpan(Span span, TextMapPropagator propagator) {
        this.span = span;
        this.propagator = propagator;
    }

    @Override
    public Map<String, String> headers() {
        Map<String, String> headers = new HashMap<>(4);
        // A context with nothing but the span: baggage would be sent along otherwise.
        propagator.inject(Context.root().with(span), headers, (carrier, name, value) -> {
            if (carrier != null) {
                carrier.put(name, value);
            }
        });
        return headers;
    }

    @Override
    public void drilled(DrillFault fault) {
        span.setAttribute(Names.DRILL, fault.name());
    }

    @Override
    public void received(byte[] json) {
        if (events >= FIRST_EVENTS || !span.isRecording()) {
            return;
        }
        events++;
        try (JsonParser parser = Json.MAPPER.createParser(json)) {
            if (parser.nextToken() == JsonToken.START_OBJECT) {
                readModel(parser, true);
            }
        } catch (IOException e) {
            // What is wrong with the answer is told by the call's failure.
            events = FIRST_EVENTS;
        }
    }

    /** Reads the field {@code model} of an object, or of the {@code message} in it, which begins a stream of Messages. */
    private void readModel(JsonParser parser, boolean outside) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (value == JsonToken.VALUE_STRING && name.equals("model")) {
                String model = parser.getText();
                if (model.length() <= MAX_NAME_LENGTH) {
                    span.setAttribute(Names.ANSWERING_MODEL, model);
                }
                events = FIRST_EVENTS;
                return;
            }
            if (outside && value == JsonToken.START_OBJECT && name.equals("message")) {
                readModel(parser, false);
                return;
            }
            parser.skipChildren();
        }
    }

    @Override
    public void firstContent() {
        span.setAttribute(Names.FIRST_CHUNK, (System.nanoTime() - begunAt) / NANOS);
    }

    @Override
    public void end(CallRecord call) {
        if (span.isRecording()) {
            span.setAttribute(Names.OUTCOME, call.outcome());
            if (call.status() > 0) {
                span.setAttribute(Names.STATUS, (long) call.status());
            }
            Usage usage = call.usage();
            if (usage != null) {
                if (usage.prompt() > 0) {
                    span.setAttribute(Names.INPUT_TOKENS, usage.prompt());
                }
                span.setAttribute(Names.OUTPUT_TOKENS, usage.completion());
            }
            Failure failure = call.failure();
            if (failure != null) {
                span.setAttribute(Names.ERROR, failure.type().name());
                if (failure.type() != FailureClass.CANCELLED) {
                    span.setStatus(StatusCode.ERROR);
                }
            }
        }
        span.end();
    }
}
