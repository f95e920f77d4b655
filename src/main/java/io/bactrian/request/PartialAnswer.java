package io.bactrian.request;

import io.bactrian.policy.Failure;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.Usage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a caller has been given of a streamed answer that is not whole yet. Belongs to the request's thread. */
public final class PartialAnswer {
    /** In characters; no model answers at such length, and a caller without end is not to fill the memory. */
    private static final int MAX_LENGTH = 1 << 20;

    private final boolean kept;
    private StringBuilder text = new StringBuilder();
    private final List<String> rescues = new ArrayList<>(0);
    private boolean textOnly = true;
    private @Nullable AnswerChunk first;
    private @Nullable Usage usage;
    private @Nullable Failure broken;

    /** @param kept whether anybody may have to go on from it */
    PartialAnswer(boolean kept) {
        this.kept = kept;
        this.textOnly = kept;
    }

    /** Nothing spoken yet, and kept or not as this one. */
    PartialAnswer afresh() {
        return new PartialAnswer(kept);
    }

    void add(AnswerChunk chunk) {
        boolean tooLong = text.length() + chunk.text().length() > MAX_LENGTH;
        textOnly &= !chunk.hasUncontinuableContent() && !chunk.hasTools() && !tooLong;
        if (textOnly) {
            text.append(chunk.text());
        } else {
            text = new StringBuilder(0);
        }
        if (first == null) {
            first = chunk;
        }
    }

    /** Nothing of it has reached the caller after all. */
    void clear() {
        text = new StringBuilder();
        textOnly = kept;
        first = null;
        usage = null;
    }

    /** Notes what a part of it cost that broke off. */
    void cost(Usage spent) {
        usage = spent.plus(usage);
    }

    /** What the parts of it cost that broke off; null if none did. */
    public @Nullable Usage usage() {
        return usage;
    }

    /** Notes what broke it off; the first failure is the one that is told. */
    public void breakOff(Failure failure) {
        broken = broken == null ? failure : broken;
    }

    /** What first broke it off; null if nothing did. */
    public @Nullable Failure broken() {
        return broken;
    }

    /** Notes who goes on with it, and in which way. */
    void continuedBy(String by) {
        rescues.add(by);
    }

    /** Who went on with it, in order. */
    public List<String> rescues() {
        return rescues;
    }

    /** The text of the answer so far, while there was nothing else; thoughts are none of it. */
    public String text() {
        return text.toString();
    }

    /** Whether there was nothing but text that another can go on from: half a tool call or half a sound nobody can. */
    public boolean isTextOnly() {
        return textOnly;
    }

    /** The first chunk of it, null if there is none. */
    @Nullable
    AnswerChunk first() {
        return first;
    }
}
