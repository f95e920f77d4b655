package io.bactrian.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Limits.ContentPolicy;
import io.bactrian.config.Limits.StreamCommit;
import io.bactrian.fallback.CallFailed;
import io.bactrian.fallback.Failure;
import io.bactrian.fallback.FailureClass;
import io.bactrian.fallback.Stop;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The parts of one call's answer on their way to the caller: held back until the first content, and a tool call until it is
 * whole, so that a failure before that goes unseen. Not thread-safe.
 */
public final class AnswerFlow {
    /** More than this is not held back; an answer that long is no answer. */
    private static final int MOST_HELD = 64 << 20;

    private final Conversation conversation;
    private final Stop stop;
    private final Clock clock;
    private final Function<String, @Nullable FailureClass> meaning;
    private final boolean holdTools;
    private final List<Chunk> held = new ArrayList<>();
    private final Set<Integer> open = new HashSet<>();
    private final Set<Integer> finished = new HashSet<>();
    private boolean holding = true;
    private boolean toolHeld;
    private int heldBytes;
    private boolean content;
    private boolean refused;
    private @Nullable String finish;
    private @Nullable Usage usage;
    private @Nullable Chunk usageChunk;

    /**
     * The flow of one call.
     *
     * @param meaning what a finish reason means if it is no good end, else null
     * @param anotherCouldAnswer whether a broken tool call could still be answered by another candidate
     */
    public AnswerFlow(
            Conversation conversation,
            Stop stop,
            Clock clock,
            Function<String, @Nullable FailureClass> meaning,
            boolean anotherCouldAnswer) {
        this.conversation = conversation;
        this.stop = stop;
        this.clock = clock;
        this.meaning = meaning;
        this.holdTools = anotherCouldAnswer && stop.limits().streamCommitTools() == StreamCommit.COMPLETE;
    }

    /** Takes the next part, in the form of an OpenAI chunk. */
    public void chunk(Chunk chunk) {
        Usage counted = chunk.usage();
        usage = counted == null ? usage : counted;
        if (chunk.isUsageOnly()) {
            usageChunk = chunk;
            return;
        }
        for (Chunk.Choice choice : chunk.choices()) {
            choice(choice.index(), choice.finish());
        }
        if (chunk.hasWords() || chunk.hasTools()) {
            content = true;
            conversation.answering(stop, clock.millis());
        }
        toolHeld |= chunk.hasTools() && holdTools;
        boolean wholeOnly = conversation.plan().limits().streamCommit() == StreamCommit.COMPLETE;
        if (finish() == null && (toolHeld || (holding && (!content || wholeOnly)))) {
            weigh(chunk);
            held.add(chunk);
        } else {
            if (!conversation.reply().streams()) {
                weigh(chunk);
            }
            release();
            conversation.reply().chunk(chunk);
        }
    }

    /** @param reason why the choice ended, empty if it has not */
    private void choice(int index, String reason) {
        if (!reason.isEmpty()) {
            finish(reason);
            open.remove(index);
            finished.add(index);
        } else if (!finished.contains(index)) {
            open.add(index);
        }
    }

    private void finish(String reason) {
        FailureClass bad = meaning.apply(reason);
        boolean returned = bad == FailureClass.CONTENT_POLICY
                && (stop.limits().contentPolicy() == ContentPolicy.RETURN
                        || conversation.reply().spoken());
        if (bad != null && !returned) {
            throw new CallFailed(Failure.of(bad, 200, "the answer ended with finish reason " + reason));
        }
        refused |= returned;
        finish = reason;
    }

    /** What is kept in memory has a measure. */
    private void weigh(Chunk chunk) {
        heldBytes += chunk.json().length;
        if (heldBytes > MOST_HELD) {
            throw new CallFailed(Failure.of(FailureClass.INVALID_RESPONSE, "an answer of more than 64 MB"));
        }
    }

    private void release() {
        holding = false;
        if (!held.isEmpty()) {
            held.forEach(conversation.reply()::chunk);
            held.clear();
            heldBytes = conversation.reply().streams() ? 0 : heldBytes;
        }
        conversation.answering(stop, clock.millis());
    }

    /** Takes the whole answer at once. */
    public void document(byte[] json, ObjectNode document) {
        conversation.answering(stop, clock.millis());
        content = true;
        for (JsonNode choice : document.path("choices")) {
            choice(choice.path("index").asInt(), choice.path("finish_reason").asText("stop"));
        }
        usage = Usage.of(document.get("usage"));
        conversation.reply().document(json, document);
    }

    /** Whether content has come. */
    public boolean hasContent() {
        return content;
    }

    /** Whether the provider's policy ended the answer, and the caller gets it as it is. */
    public boolean refused() {
        return refused;
    }

    /** The finish reason, null while not all of the choices asked for have one. */
    public @Nullable String finish() {
        return open.isEmpty() && finished.size() >= conversation.request().choices() ? finish : null;
    }

    public @Nullable Usage usage() {
        return usage;
    }

    /** Ends the answer: whole, or a failure. */
    public void end() {
        if (finish == null || !open.isEmpty()) {
            throw new CallFailed(
                    content
                            ? Failure.of(
                                    FailureClass.STREAM_BROKEN, 200, "the stream ended in the middle of the answer")
                            : Failure.of(FailureClass.INVALID_RESPONSE, 200, "the stream ended without an answer"));
        }
        release();
        Chunk last = usageChunk;
        if (last != null
                && (conversation.request().includeUsage()
                        || !conversation.reply().streams())) {
            conversation.reply().chunk(last);
        }
        conversation.used(usage);
    }
}
