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
import io.bactrian.protocol.FinishFailures;
import io.bactrian.protocol.Usage;
import io.bactrian.protocol.openai.ChatChunk;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The flow of one call's answer to the caller. Chunks are held back until the first content (of each prompt, if the
 * request has several), and from a tool call on until the
 * answer has its finish reason, so that the caller does not see a failure before that. The reason is held back until the stream
 * has ended, because some servers send content after it: all of that belongs to the answer, and the last reason counts. If the
 * call finishes a broken answer, only new content is passed on. Not thread-safe.
 */
public final class AnswerFlow {
    /** The bytes of an answer that may be held in memory; a longer one is an invalid response. */
    private static final int MAX_HELD_BYTES = 64 << 20;

    /** About what a chunk in memory takes beside its bytes. */
    private static final int BYTES_OF_CHUNK = 400;

    private static final int BYTES_OF_INDEX = 50;

    private final RequestContext context;
    private final Candidate candidate;
    private final Clock clock;
    private final FinishFailure finishFailure;
    private final boolean holdTools;
    private final boolean wholeOnly;
    private final @Nullable Rescue rescue;
    private final @Nullable Splice splice;
    private final @Nullable Consumer<String> check;
    private final LongConsumer room;
    private final StringBuilder checked = new StringBuilder();
    private final List<AnswerChunk> held = new ArrayList<>();
    private final Set<Integer> open = new HashSet<>();
    private final Map<Integer, End> ends = new LinkedHashMap<>();
    private int wanted;
    private boolean holding = true;
    private boolean toolHeld;
    private int heldBytes;
    private int contentChunks;
    private boolean content;
    private boolean delivered;
    private boolean refused;
    private boolean began;
    private boolean halfCall;
    private boolean contradicted;
    private @Nullable String finish;
    private @Nullable Usage usage;
    private @Nullable AnswerChunk usageChunk;
    private @Nullable AnswerChunk counted;
    private long mostCounted;
    private @Nullable AnswerChunk lastEvent;

    /** The class of failure that a finish reason stands for. */
    @FunctionalInterface
    public interface FinishFailure {
        /**
         * The class of failure; null for the end of a usable answer.
         *
         * @param said whether the answer has any content
         */
        @Nullable
        FailureClass of(String reason, boolean said);
    }

    /**
     * The end of one choice.
     *
     * @param reason the last finish reason
     * @param chunk the chunk that has it; null if it came in a document
     * @param withContent whether content came with it
     */
    private record End(String reason, @Nullable AnswerChunk chunk, boolean withContent) {}

    /**
     * The flow of one call.
     *
     * @param finishFailure the failure class of a finish reason
     * @param anotherCouldAnswer whether another candidate could still answer if a tool call broke
     * @param rescue the way in which the call finishes an answer that broke off; null if it gives a whole answer
     * @param check checks the text of the whole answer before any of it goes out, and throws if it is invalid; null if there
     *     is nothing to check
     * @param room counts the bytes that the answer takes while it is held back, and throws if there are too many
     */
    public AnswerFlow(
            RequestContext context,
            Candidate candidate,
            Clock clock,
            FinishFailure finishFailure,
            boolean anotherCouldAnswer,
            @Nullable Rescue rescue,
            @Nullable Consumer<String> check,
            LongConsumer room) {
        this.room = room;
        this.context = context;
        this.candidate = candidate;
        this.clock = clock;
        this.finishFailure = finishFailure;
        this.holdTools = anotherCouldAnswer && candidate.limits().streamCommitTools() == StreamCommit.COMPLETE;
        this.wholeOnly = check != null || context.plan().limits().streamCommit() == StreamCommit.COMPLETE;
        this.check = check;
        this.wanted = context.request().batch() ? context.request().choices() : 1;
        this.rescue = rescue;
        this.splice = rescue == null ? null : new Splice(context.partialAnswer(), rescue);
    }

    /**
     * Takes the next chunk.
     *
     * @throws CallFailed if the answer is too long, or it cannot continue the broken one
     */
    public void chunk(AnswerChunk chunk) {
        boolean counts = count(chunk);
        if (chunk.isUsageOnly()) {
            usageChunk = chunk;
            return;
        }
        if (chunk.isLast()) {
            lastEvent = chunk;
            return;
        }
        boolean hasContent = chunk.hasWords() || chunk.hasTools();
        if (hasContent) {
            contradicted |= hasEnded(chunk);
            content = true;
            contentChunks++;
        }
        for (AnswerChunk.Choice choice : chunk.choices()) {
            open(choice.index());
        }
        if (chunk.hasReason()) {
            ending(chunk, hasContent);
        } else {
            // Some servers count the tokens so far in each chunk. The caller gets them once, at the end.
            boolean early = counts && chunk.isCanonical() && ChatChunk.hasUsageAtTop(chunk);
            pass(early ? ChatChunk.withoutUsage(chunk) : chunk);
        }
    }

    /** Keeps the largest token counts, and the chunk that has them; true if it has any. */
    private boolean count(AnswerChunk chunk) {
        Usage now = chunk.usage();
        if (now == null) {
            return false;
        }
        usage = now.after(usage);
        if (chunk.isCanonical() && now.total() >= mostCounted) {
            mostCounted = now.total();
            counted = chunk;
        }
        return now.total() > 0;
    }

    private boolean hasEnded(AnswerChunk chunk) {
        return !ends.isEmpty() && chunk.choices().stream().anyMatch(choice -> ends.containsKey(choice.index()));
    }

    /** Holds back the finish reasons of a chunk; what it has beside them passes at once. */
    private void ending(AnswerChunk chunk, boolean hasContent) {
        AnswerChunk rest = hasContent || !began ? chunk.withoutReason() : null;
        boolean alone = rest == null && chunk.choices().size() == 1;
        if (rest != null) {
            pass(rest);
        }
        for (AnswerChunk end : alone ? List.of(chunk) : chunk.finishes()) {
            for (AnswerChunk.Choice choice : end.choices()) {
                end(choice.index(), choice.finish(), end, hasContent);
            }
        }
        if (!endedWithContent() && !halfCall && check == null && content && ended() && isUsable()) {
            // All that is missing is the rest of the stream, which a slow caller need not wait for.
            release();
        }
    }

    /** The number of choices that have begun. */
    private int begun() {
        return open.size() + ends.size();
    }

    private boolean isUsable() {
        return ends.values().stream().allMatch(end -> finishFailure.of(end.reason(), true) == null);
    }

    private void end(int index, String reason, @Nullable AnswerChunk chunk, boolean withContent) {
        if (reason.isEmpty()) {
            open(index);
            return;
        }
        finish = reason;
        open.remove(index);
        if (ends.remove(index) == null && chunk != null) {
            room.accept(BYTES_OF_CHUNK + (long) chunk.json().length);
        }
        ends.put(index, new End(reason, chunk, withContent));
    }

    private void open(int index) {
        if (!ends.containsKey(index) && open.add(index)) {
            room.accept(BYTES_OF_INDEX);
        }
    }

    /** Passes a chunk without a finish reason on. */
    private void pass(AnswerChunk chunk) {
        began = true;
        if (splice == null) {
            take(chunk);
        } else {
            splice.fit(chunk).forEach(this::take);
        }
    }

    private void take(AnswerChunk chunk) {
        boolean hasContent = chunk.hasWords() || chunk.hasTools();
        if (hasContent) {
            context.answering(candidate, clock.millis());
        }
        if (check != null) {
            checked.append(chunk.text());
        }
        toolHeld |= chunk.hasTools() && holdTools;
        if (toolHeld || (holding && (!hasContent || wholeOnly || begun() < wanted))) {
            countHeld(chunk, BYTES_OF_CHUNK);
            chunk.forgetTree();
            held.add(chunk);
        } else {
            if (!context.reply().streams()) {
                countHeld(chunk, 0);
            }
            release();
            deliver(chunk);
        }
    }

    /**
     * Decides on the finish reasons.
     *
     * @throws CallFailed if one is missing, or stands for a failure
     */
    private void judge() {
        if (ends.isEmpty() || !open.isEmpty() || ends.size() < wanted) {
            throw new CallFailed(
                    content
                            ? Failure.of(
                                    FailureClass.STREAM_BROKEN, 200, "the stream ended in the middle of the answer")
                            : Failure.of(FailureClass.INVALID_RESPONSE, 200, "the stream ended without an answer"));
        }
        for (End end : ends.values()) {
            FailureClass bad = !content && FinishFailures.announcesCalls(end.reason())
                    ? FailureClass.INVALID_RESPONSE
                    : finishFailure.of(end.reason(), content);
            boolean returned = bad == FailureClass.CONTENT_POLICY
                    && splice == null
                    && (candidate.limits().contentPolicy() == ContentPolicy.RETURN
                            || context.reply().committed());
            if (bad != null && !returned) {
                throw new CallFailed(Failure.of(bad, 200, "the answer ended with finish reason " + end.reason()));
            }
            refused |= returned;
        }
    }

    /** @param beside the bytes that it takes beside its own */
    private void countHeld(AnswerChunk chunk, long beside) {
        heldBytes += chunk.json().length;
        if (heldBytes > MAX_HELD_BYTES) {
            throw new CallFailed(
                    Failure.tooLong("the answer has more than 64 MB").about(Failure.Concern.REQUEST));
        }
        room.accept(beside + chunk.json().length);
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
        if (!delivered) {
            context.speaking();
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
        // The provider's protocol has counted what is in it.
        wanted = 1;
        document.finishReasons().forEach((index, reason) -> end(index, reason, null, false));
        usage = document.usage();
        content = document.says();
        judge();
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

    /** The finish reason; null until every requested choice has one. More content may still follow. */
    public @Nullable String finish() {
        return open.isEmpty() && ends.size() >= context.request().choices() ? finish : null;
    }

    /**
     * Whether the answer has ended by all that is known: it has its finish reasons, and none of them has been contradicted by
     * content that followed. With nothing said, only a reason for that is believed.
     */
    public boolean ended() {
        String reason = contradicted ? null : finish();
        return reason != null && (content || finishFailure.of(reason, false) != null);
    }

    /** Whether a finish reason came with content, as servers send it that put a reason in every chunk. */
    public boolean endedWithContent() {
        for (End end : ends.values()) {
            if (end.withContent()) {
                return true;
            }
        }
        return false;
    }

    /** Tells whether the arguments of a tool call are half: then the next finish reason does not release them. */
    public void callsAreHalf(boolean half) {
        halfCall = half;
    }

    /** How many chunks with content have come. */
    public int contentChunks() {
        return contentChunks;
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
     * Ends the answer and passes on what is still held back: content, then the finish reasons, then the usage.
     *
     * @throws CallFailed STREAM_BROKEN if it ended in the middle, INVALID_RESPONSE if it had no content or fails the check, or
     *     the class that the finish reason stands for
     */
    public void end() {
        judge();
        AnswerChunk usageAtEnd = usageAtEnd();
        List<AnswerChunk> rest = new ArrayList<>(ends.size());
        for (End end : ends.values()) {
            AnswerChunk chunk = end.chunk();
            if (chunk != null) {
                boolean twice = usageAtEnd != null && ChatChunk.hasUsageAtTop(chunk);
                AnswerChunk once = twice ? ChatChunk.withoutUsage(chunk) : chunk;
                if (splice == null) {
                    rest.add(once);
                } else {
                    splice.fit(once)
                            .forEach(part -> rest.add(ChatChunk.hasUsageAtTop(part) ? withEarlier(part) : part));
                }
            }
        }
        if (check != null) {
            rest.forEach(chunk -> checked.append(chunk.text()));
        }
        release();
        rest.forEach(this::deliver);
        if (lastEvent != null) {
            deliver(lastEvent);
        }
        if (usageAtEnd != null) {
            context.reply().chunk(withEarlier(usageAtEnd));
        }
    }

    /** The usage as a chunk of its own, if the caller wants it and no finish reason has it; null otherwise. */
    private @Nullable AnswerChunk usageAtEnd() {
        AnswerChunk best = counted == null ? usageChunk : counted;
        if (best == null || (context.reply().streams() && !context.request().includeUsage())) {
            return null;
        }
        if (best.isUsageOnly()) {
            return counted == null || ChatChunk.hasUsageAtTop(best) ? best : ChatChunk.usageOf(best);
        }
        return ends.values().stream().anyMatch(end -> tells(end.chunk(), best)) ? null : ChatChunk.usageOf(best);
    }

    private static boolean tells(@Nullable AnswerChunk end, AnswerChunk best) {
        return end != null
                && ChatChunk.hasUsageAtTop(end)
                && Objects.equals(Usage.of(end.tree().path("usage")), best.usage());
    }

    /** The usage of all parts under one id: the caller has also paid for the part that broke off. */
    private AnswerChunk withEarlier(AnswerChunk last) {
        return splice == null
                ? last
                : splice.withUsage(last, context.partialAnswer().usage());
    }
}
