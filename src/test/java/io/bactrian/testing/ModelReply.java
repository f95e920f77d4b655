package io.bactrian.testing;

import io.bactrian.testing.ModelAnswer.Piece;
import io.bactrian.testing.ModelAnswer.Tool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A model's answer, well-behaved until told otherwise. Each option returns a copy. A token is a word of the text or up to eight
 * characters of a tool's arguments; of the ways to break off the last one named holds. In a document (no stream asked for) a
 * break comes at the same share of the bytes, and options that make no sense there have no effect.
 */
public final class ModelReply implements Reply, Cloneable {
    private enum Break {
        STALL,
        CUT,
        END,
        RESET,
        ERROR
    }

    private final String text;
    private List<Tool> tools = List.of();
    private @Nullable String model;
    private @Nullable String finish;
    private int promptTokens = 20;
    private Map<String, String> headers = Map.of();
    private Duration before = Duration.ZERO;
    private Duration beforeFirst = Duration.ZERO;
    private Duration everyToken = Duration.ZERO;
    private @Nullable Duration pings;
    private @Nullable Break broken;
    private int breakAt = -1;
    private int malformedAt = -1;
    private String errorJson = "{}";
    private boolean start = true;
    private boolean end = true;
    private boolean done = true;
    private boolean lingering;
    private boolean endless;
    private boolean crlf;
    private int bytesAtATime = Integer.MAX_VALUE;

    private ModelReply(String text) {
        this.text = text;
    }

    static ModelReply of(String text) {
        return new ModelReply(text);
    }

    /** Another tool call after what is there already. */
    public ModelReply tool(String name, String argumentsJson) {
        return with(r -> {
            r.tools = new ArrayList<>(tools);
            r.tools.add(new Tool("call_stub" + (tools.size() + 1), name, argumentsJson));
        });
    }

    /** The model that the answer names; else the one asked for. */
    public ModelReply model(String name) {
        return with(r -> r.model = name);
    }

    /** In OpenAI's words: stop, length, tool_calls, content_filter; others go out as they are. */
    public ModelReply finish(String reason) {
        return with(r -> r.finish = reason);
    }

    public ModelReply promptTokens(int n) {
        return with(r -> r.promptTokens = n);
    }

    public ModelReply headers(String... namesAndValues) {
        return with(r -> r.headers = Http.headers(namesAndValues));
    }

    @Override
    public ModelReply delayed(Duration beforeHeaders) {
        return with(r -> r.before = beforeHeaders);
    }

    /** Headers (and the role chunk, or message_start) at once, the first token after this time. */
    public ModelReply firstTokenAfter(Duration time) {
        return with(r -> r.beforeFirst = time);
    }

    /** The pause after each token of a stream. */
    public ModelReply everyToken(Duration time) {
        return with(r -> r.everyToken = time);
    }

    /** Comments (Anthropic: ping events) at this interval while waiting or stalling, so that bytes flow but no content. */
    public ModelReply pinging(Duration interval) {
        return with(r -> r.pings = interval);
    }

    /** Then silence until the client leaves. */
    public ModelReply stallAfter(int tokens) {
        return broken(Break.STALL, tokens);
    }

    /** Then the connection closes in the middle of the body. */
    public ModelReply cutAfter(int tokens) {
        return broken(Break.CUT, tokens);
    }

    /** Then the body ends cleanly, though the answer is not whole; a document is half JSON with the length of that half. */
    public ModelReply endAfter(int tokens) {
        return broken(Break.END, tokens);
    }

    public ModelReply resetAfter(int tokens) {
        return broken(Break.RESET, tokens);
    }

    /** Then this error event and the clean end of the body; a document becomes status 200 with this JSON. */
    public ModelReply errorEventAfter(int tokens, String json) {
        return broken(Break.ERROR, tokens).with(r -> r.errorJson = json);
    }

    /** An event of half a JSON document before token n (from 0), which is not lost itself; a document becomes broken JSON. */
    public ModelReply malformedEventAt(int token) {
        return with(r -> r.malformedAt = token);
    }

    /** Without the role chunk, or message_start. */
    public ModelReply withoutStart() {
        return with(r -> r.start = false);
    }

    /** Without the finish reason and usage. */
    public ModelReply withoutFinish() {
        return with(r -> r.end = false);
    }

    /** Without {@code [DONE]}, or message_stop. */
    public ModelReply withoutDone() {
        return with(r -> r.done = false);
    }

    /** The body of the stream is not ended after the last event: silence until the client leaves. */
    public ModelReply stallAtEnd() {
        return with(r -> r.lingering = true);
    }

    /** The words over and over until the client leaves. */
    public ModelReply endless() {
        return with(r -> r.endless = true);
    }

    public ModelReply crlf() {
        return with(r -> r.crlf = true);
    }

    /** The stream in chunks and writes of n bytes, torn anywhere. */
    public ModelReply bytesAtATime(int n) {
        return with(r -> r.bytesAtATime = n);
    }

    /** How many tokens the answer has. */
    public int tokens() {
        return new ModelAnswer("", "", text, tools, "", 0).completionTokens();
    }

    @Override
    public After send(Exchange x) throws IOException {
        x.pause(before);
        return x.call().wantsStream() ? stream(x) : document(x);
    }

    private After document(Exchange x) throws IOException {
        String whole = broken == Break.ERROR ? errorJson : x.wire().document(answer(x));
        byte[] bytes = whole.getBytes(StandardCharsets.UTF_8);
        if (malformedAt >= 0) {
            bytes = (whole.substring(0, whole.length() / 2) + "\"oops").getBytes(StandardCharsets.UTF_8);
        }
        byte[] sent = broken == null || broken == Break.ERROR
                ? bytes
                : Arrays.copyOf(bytes, (int)
                        Math.min(bytes.length - 1L, (long) bytes.length * breakAt / Math.max(1, tokens())));
        x.documentHead(200, allHeaders(x), broken == Break.END ? sent.length : bytes.length);
        x.pause(beforeFirst);
        x.write(sent);
        if (broken == null || broken == Break.ERROR || broken == Break.END) {
            x.call().markAnswered();
            return After.KEEP;
        }
        return breakOff(x, null);
    }

    private After stream(Exchange x) throws IOException {
        ModelAnswer answer = answer(x);
        StubProtocol wire = x.wire();
        Events out = new Events(x, crlf, bytesAtATime);
        x.streamHead(200, allHeaders(x));
        if (start) {
            out.send(wire.start(answer));
        }
        wait(x, out, beforeFirst);
        List<Piece> pieces = wire.pieces(answer);
        for (int i = 0; endless || i <= pieces.size(); i++) {
            if (broken != null && i == breakAt) {
                return breakOff(x, out);
            }
            if (i == malformedAt) {
                out.send(List.of(wire.malformed()));
            }
            if (endless || i < pieces.size()) {
                Piece piece = pieces.get(i % pieces.size());
                out.send(i < pieces.size() ? piece.before() : List.of());
                out.send(List.of(piece.event()));
                x.countToken();
                wait(x, out, everyToken);
            }
        }
        if (end) {
            out.send(wire.finish(
                    answer,
                    x.call().json().path("stream_options").path("include_usage").asBoolean()));
        }
        if (done) {
            out.send(wire.done());
        }
        if (lingering) {
            x.awaitLeaving();
        }
        x.endChunks();
        return After.KEEP;
    }

    private After breakOff(Exchange x, @Nullable Events out) throws IOException {
        switch (broken) {
            case STALL -> wait(x, out, Duration.ofDays(1));
            case RESET -> x.pause(Duration.ofMillis(20)); // A reset overtakes what is not delivered yet.
            case ERROR, END -> {
                if (out != null && broken == Break.ERROR) {
                    out.send(List.of(x.wire().errorEvent(errorJson)));
                }
                x.endChunks();
                return After.KEEP;
            }
            case CUT -> {}
            case null -> throw new IllegalStateException();
        }
        return broken == Break.RESET ? After.RESET : After.CLOSE;
    }

    private void wait(Exchange x, @Nullable Events out, Duration time) throws IOException {
        if (pings == null || out == null) {
            x.pause(time);
            return;
        }
        for (long until = System.nanoTime() + time.toNanos(); System.nanoTime() < until; ) {
            long nanos = Math.min(pings.toNanos(), until - System.nanoTime());
            x.pause(Duration.ofNanos(Math.max(0, nanos)));
            if (System.nanoTime() < until) {
                out.send(List.of(x.wire().ping()));
            }
        }
    }

    private ModelAnswer answer(Exchange x) {
        String reason = finish != null ? finish : tools.isEmpty() ? "stop" : "tool_calls";
        String name = model != null ? model : x.call().model();
        return new ModelAnswer("stub-" + x.call().number(), name, text, tools, reason, promptTokens);
    }

    private Map<String, String> allHeaders(Exchange x) {
        Map<String, String> all = Http.headers();
        all.putAll(x.wire().headers(x.call().number()));
        all.putAll(headers);
        return all;
    }

    private ModelReply broken(Break how, int tokens) {
        return with(r -> {
            r.broken = how;
            r.breakAt = tokens;
        });
    }

    private ModelReply with(Consumer<ModelReply> change) {
        try {
            ModelReply copy = (ModelReply) clone();
            change.accept(copy);
            return copy;
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }
}
