package io.bactrian.request;

import io.bactrian.config.Limits.ContentPolicy;
import io.bactrian.config.Limits.Rescue;
import io.bactrian.config.Limits.StreamCommit;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Candidate;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.AnswerDocument;
import io.bactrian.protocol.Usage;
import io.bactrian.protocol.openai.ChatChunk;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The flow of one call's answer to the caller. Chunks are held back until the first content, and from a tool call on until the
 * answer is complete, so that the caller does not see a failure before that. If the call finishes a broken answer, only new
 * content is passed on. Not thread-safe.
 */
public final class AnswerFlow {
    /** The bytes of an answer that may be held in memory; a longer one is an invalid response. */
    private static final int MAX_HELD_BYTES = 64 << 20;

    private final RequestContext context;
    private final Candidate candidate;
    private final Clock clock;
    private final Function<String, @Nullable FailureClass> finishFailure;
    private final boolean holdTools;
    private final boolean wholeOnly;
    private final @Nullable Rescue rescue;
    private final @Nullable Splice splice;
    private final @Nullable Consumer<String> check;
    private final StringBuilder checked = new StringBuilder();
    private final List<AnswerChunk> held = new ArrayList<>();
    private final Set<Integer> open = new HashSet<>();
    private final Set<Integer> finished = new HashSet<>();
    private boolean holding = true;
    private boolean toolHeld;
    private int heldBytes;
    private int contentChunks;
    private boolean content;
    private boolean delivered;
    private boolean refused;
    private @Nullable String finish;
    private @Nullable Usage usage;
    private @Nullable AnswerChunk usageChunk;

    /**
     * The flow of one call.
     *
     * @param finishFailure the failure class of a finish reason; null for the end of a usable answer
     * @param anotherCouldAnswer whether another candidate could still answer if a tool call broke
     * @param rescue the way in which the call finishes an answer that broke off; null if it gives a whole answer
     * @param check checks the text of the whole answer before any of it goes out, and throws if it is invalid; null if there
     *     is nothing to check
     */
    public AnswerFlow(
            RequestContext context,
            Candidate candidate,
            Clock clock,
            Function<String, @Nullable FailureClass> finishFailure,
            boolean anotherCouldAnswer,
            @Nullable Rescue rescue,
            @Nullable Consumer<String> check) {
        this.context = context;
        this.candidate = candidate;
        this.clock = clock;
        this.finishFailure = finishFailure;
        this.holdTools = anotherCouldAnswer && candidate.limits().streamCommitTools() == StreamCommit.COMPLETE;
        this.wholeOnly = check != null || context.plan().limits().streamCommit() == StreamCommit.COMPLETE;
        this.check = check;
        this.rescue = rescue;
        this.splice = rescue == null ? null : new Splice(context.partialAnswer(), rescue);
    }

    /**
     * Takes the next chunk.
     *
     * @throws CallFailed if the finish reason is a failure, the answer is too long, or it cannot continue the broken one
     */
    public void chunk(AnswerChunk chunk) {
        Usage counted = chunk.usage();
        usage = counted == null ? usage : counted.after(usage);
        if (chunk.isUsageOnly()) {
            usageChunk = chunk;
            return;
        }
        if (chunk.hasWords() || chunk.hasTools()) {
            content = true;
            contentChunks++;
        }
        if (splice == null) {
            take(chunk);
        } else {
            splice.fit(chunk).forEach(part -> take(part.usage() == null ? part : withEarlier(part)));
        }
    }

    private void take(AnswerChunk chunk) {
        if (isLate(chunk)) {
            boolean counts = chunk.isCanonical() && chunk.usage() != null;
            usageChunk = counts ? ChatChunk.withoutChoices(chunk) : usageChunk;
            return;
        }
        for (AnswerChunk.Choice choice : chunk.choices()) {
            choice(choice.index(), choice.finish());
        }
        boolean hasContent = chunk.hasWords() || chunk.hasTools();
        if (hasContent) {
            context.answering(candidate, clock.millis());
        }
        if (check != null) {
            checked.append(chunk.text());
        }
        toolHeld |= chunk.hasTools() && holdTools;
        if (finish() == null && (toolHeld || (holding && (!hasContent || wholeOnly)))) {
            countHeld(chunk);
            chunk.forgetTree();
            held.add(chunk);
        } else {
            if (!context.reply().streams()) {
                countHeld(chunk);
            }
            release();
            deliver(chunk);
        }
    }

    /** True if a chunk has content although every choice it belongs to has ended: it is no part of the answer. */
    private boolean isLate(AnswerChunk chunk) {
        if (finished.isEmpty()) {
            return false;
        }
        boolean hasContent = chunk.hasWords()
                || chunk.hasTools()
                || chunk.choices().stream().anyMatch(choice -> !choice.finish().isEmpty());
        return hasContent
                && !chunk.choices().isEmpty()
                && chunk.choices().stream().allMatch(choice -> finished.contains(choice.index()));
    }

    /** @param reason the finish reason, empty if the choice has not ended */
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
        FailureClass bad = finishFailure.apply(reason);
        boolean returned = bad == FailureClass.CONTENT_POLICY
                && splice == null
                && (candidate.limits().contentPolicy() == ContentPolicy.RETURN
                        || context.reply().committed());
        if (bad != null && !returned) {
            throw new CallFailed(Failure.of(bad, 200, "the answer ended with finish reason " + reason));
        }
        refused |= returned;
        finish = reason;
    }

    private void countHeld(AnswerChunk chunk) {
        heldBytes += chunk.json().length;
        if (heldBytes > MAX_HELD_BYTES) {
            throw new CallFailed(Failure.of(FailureClass.INVALID_RESPONSE, "the answer has more than 64 MB"));
        }
    }

    private void release() {
        if (holding) {
            holding = false;
            checkWhole(checked.toString());
        }
        if (!held.isEmpty()) {
            held.forEach(this::deliver);
            held.clear();
            heldBytes = context.reply().streams() ? 0 : heldBytes;
        }
        context.answering(candidate, clock.millis());
    }

    private void deliver(AnswerChunk chunk) {
        if (rescue != null && !delivered) {
            context.rescued(candidate, rescue);
        }
        delivered = true;
        if (context.reply().streams()) {
            context.partialAnswer().add(chunk);
        }
        context.reply().chunk(chunk);
    }

    /** Checks a normal end only: an answer cut at its token limit, or refused, shows that by its finish reason. */
    private void checkWhole(String text) {
        Consumer<String> known = check;
        if (known != null && "stop".equals(finish)) {
            known.accept(text);
        }
    }

    /**
     * Takes the whole answer at once.
     *
     * @throws CallFailed as {@link #chunk} does
     */
    public void document(AnswerDocument document) {
        if (splice != null) {
            ChatChunk.split(document.tree()).forEach(this::chunk);
            return;
        }
        document.finishReasons().forEach(this::choice);
        usage = document.usage();
        content = true;
        holding = false;
        checkWhole(document.text());
        context.answering(candidate, clock.millis());
        context.reply().document(document);
    }

    /** True if content has come, be it new or a repetition of what the caller has. */
    public boolean hasContent() {
        return content;
    }

    /** True if any chunk has been passed on to the reply. */
    public boolean delivered() {
        return delivered;
    }

    /** True if the provider's content policy ended the answer and the caller gets it as it is. */
    public boolean refused() {
        return refused;
    }

    /** The finish reason; null until every requested choice has one. */
    public @Nullable String finish() {
        return open.isEmpty() && finished.size() >= context.request().choices() ? finish : null;
    }

    /**
     * The tokens of the call as its provider counted them. Until the finish reason has come, each chunk with content counts for
     * one completion token at least.
     *
     * @param soFar the count to use if no chunk had one; null if there is none
     * @return null if nothing is known
     */
    public @Nullable Usage usage(@Nullable Usage soFar) {
        Usage known = usage != null ? usage : soFar;
        if (finish != null || (known == null && contentChunks == 0)) {
            return known;
        }
        long prompt = known == null ? 0 : known.prompt();
        long completion = known == null ? 0 : known.completion();
        return new Usage(prompt, Math.max(completion, contentChunks), false);
    }

    /**
     * Ends the answer and passes on what is still held back.
     *
     * @throws CallFailed STREAM_BROKEN if it ended in the middle, INVALID_RESPONSE if it had no content or fails the check
     */
    public void end() {
        if (finish == null || !open.isEmpty()) {
            throw new CallFailed(
                    content
                            ? Failure.of(
                                    FailureClass.STREAM_BROKEN, 200, "the stream ended in the middle of the answer")
                            : Failure.of(FailureClass.INVALID_RESPONSE, 200, "the stream ended without an answer"));
        }
        release();
        AnswerChunk last = usageChunk;
        if (last != null
                && (context.request().includeUsage() || !context.reply().streams())) {
            context.reply().chunk(withEarlier(last));
        }
    }

    /** The usage of all parts under one id: the caller has also paid for the part that broke off. */
    private AnswerChunk withEarlier(AnswerChunk last) {
        return splice == null
                ? last
                : splice.withUsage(last, context.partialAnswer().usage());
    }
}
