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
 * The parts of one call's answer on their way to the caller: held back until the first content, and a tool call until it is
 * whole, so that a failure before that goes unseen. A call that finishes what another began gives only what is new. Not
 * thread-safe.
 */
public final class AnswerFlow {
    /** More than this is not held back; an answer that long is no answer. */
    private static final int MAX_HELD_BYTES = 64 << 20;

    private final RequestContext context;
    private final Candidate candidate;
    private final Clock clock;
    private final Function<String, @Nullable FailureClass> meaning;
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
    private int pieces;
    private boolean content;
    private boolean gave;
    private boolean refused;
    private @Nullable String finish;
    private @Nullable Usage usage;
    private @Nullable AnswerChunk usageChunk;

    /**
     * The flow of one call.
     *
     * @param meaning what a finish reason means if it is no good end, else null
     * @param anotherCouldAnswer whether a broken tool call could still be answered by another candidate
     * @param rescue the way in which the call finishes what was spoken; null if it is to give a whole answer
     * @param check looks at the text of the whole answer before any of it goes out, and throws if it is not as it has to be;
     *     null if nothing is to be held to
     */
    public AnswerFlow(
            RequestContext context,
            Candidate candidate,
            Clock clock,
            Function<String, @Nullable FailureClass> meaning,
            boolean anotherCouldAnswer,
            @Nullable Rescue rescue,
            @Nullable Consumer<String> check) {
        this.context = context;
        this.candidate = candidate;
        this.clock = clock;
        this.meaning = meaning;
        this.holdTools = anotherCouldAnswer && candidate.limits().streamCommitTools() == StreamCommit.COMPLETE;
        this.wholeOnly = check != null || context.plan().limits().streamCommit() == StreamCommit.COMPLETE;
        this.check = check;
        this.rescue = rescue;
        this.splice = rescue == null ? null : new Splice(context.partialAnswer(), rescue);
    }

    /** Takes the next part. */
    public void chunk(AnswerChunk chunk) {
        Usage counted = chunk.usage();
        usage = counted == null ? usage : counted.after(usage);
        if (chunk.isUsageOnly()) {
            usageChunk = chunk;
            return;
        }
        if (chunk.hasWords() || chunk.hasTools()) {
            content = true;
            pieces++;
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
        boolean speaks = chunk.hasWords() || chunk.hasTools();
        if (speaks) {
            context.answering(candidate, clock.millis());
        }
        if (check != null) {
            checked.append(chunk.text());
        }
        toolHeld |= chunk.hasTools() && holdTools;
        if (finish() == null && (toolHeld || (holding && (!speaks || wholeOnly)))) {
            weigh(chunk);
            chunk.forgetTree();
            held.add(chunk);
        } else {
            if (!context.reply().streams()) {
                weigh(chunk);
            }
            release();
            give(chunk);
        }
    }

    /** Whether it says something although all that it is part of has ended: that is no part of the answer. */
    private boolean isLate(AnswerChunk chunk) {
        if (finished.isEmpty()) {
            return false;
        }
        boolean says = chunk.hasWords()
                || chunk.hasTools()
                || chunk.choices().stream().anyMatch(choice -> !choice.finish().isEmpty());
        return says
                && !chunk.choices().isEmpty()
                && chunk.choices().stream().allMatch(choice -> finished.contains(choice.index()));
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
                && splice == null
                && (candidate.limits().contentPolicy() == ContentPolicy.RETURN
                        || context.reply().committed());
        if (bad != null && !returned) {
            throw new CallFailed(Failure.of(bad, 200, "the answer ended with finish reason " + reason));
        }
        refused |= returned;
        finish = reason;
    }

    /** What is kept in memory has a measure. */
    private void weigh(AnswerChunk chunk) {
        heldBytes += chunk.json().length;
        if (heldBytes > MAX_HELD_BYTES) {
            throw new CallFailed(Failure.of(FailureClass.INVALID_RESPONSE, "an answer of more than 64 MB"));
        }
    }

    private void release() {
        if (holding) {
            holding = false;
            lookAtWhole(checked.toString());
        }
        if (!held.isEmpty()) {
            held.forEach(this::give);
            held.clear();
            heldBytes = context.reply().streams() ? 0 : heldBytes;
        }
        context.answering(candidate, clock.millis());
    }

    private void give(AnswerChunk chunk) {
        if (rescue != null && !gave) {
            context.rescued(candidate, rescue);
        }
        gave = true;
        if (context.reply().streams()) {
            context.partialAnswer().add(chunk);
        }
        context.reply().chunk(chunk);
    }

    /** An answer that was cut short by its own limit, or refused, tells so itself. */
    private void lookAtWhole(String text) {
        Consumer<String> look = check;
        if (look != null && "stop".equals(finish)) {
            look.accept(text);
        }
    }

    /** Takes the whole answer at once. */
    public void document(AnswerDocument document) {
        if (splice != null) {
            ChatChunk.split(document.tree()).forEach(this::chunk);
            return;
        }
        document.finishReasons().forEach(this::choice);
        usage = document.usage();
        content = true;
        holding = false;
        lookAtWhole(document.text());
        context.answering(candidate, clock.millis());
        context.reply().document(document);
    }

    /** Whether content has come, for the caller or only in repetition of what it has. */
    public boolean hasContent() {
        return content;
    }

    /** Whether any of it has been given to the caller. */
    public boolean gave() {
        return gave;
    }

    /** Whether the provider's policy ended the answer, and the caller gets it as it is. */
    public boolean refused() {
        return refused;
    }

    /** The finish reason, null while not all of the choices asked for have one. */
    public @Nullable String finish() {
        return open.isEmpty() && finished.size() >= context.request().choices() ? finish : null;
    }

    /** The tokens that the provider has counted; where it did not, a piece is taken for a token. */
    public @Nullable Usage usage(@Nullable Usage soFar) {
        Usage known = usage != null ? usage : soFar;
        if (finish != null || (known == null && pieces == 0)) {
            return known;
        }
        long prompt = known == null ? 0 : known.prompt();
        long completion = known == null ? 0 : known.completion();
        return new Usage(prompt, Math.max(completion, pieces), false);
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
        AnswerChunk last = usageChunk;
        if (last != null
                && (context.request().includeUsage() || !context.reply().streams())) {
            context.reply().chunk(withEarlier(last));
        }
    }

    /** The usage of all the parts, under one id: what was committed before the answer broke off has been paid for as well. */
    private AnswerChunk withEarlier(AnswerChunk last) {
        return splice == null
                ? last
                : splice.withUsage(last, context.partialAnswer().usage());
    }
}
