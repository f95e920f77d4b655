package io.bactrian.request;

import io.bactrian.config.Limits.Rescue;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.Usage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The part of a streamed answer that has been sent to the caller. Not thread-safe: used by the request's thread. */
public final class PartialAnswer {
    /** The text that is kept, in characters. A longer answer cannot be continued: it must not fill the memory. */
    private static final int MAX_LENGTH = 1 << 20;

    private final boolean kept;
    private StringBuilder text = new StringBuilder();
    private final List<String> rescues = new ArrayList<>(0);
    private final List<Rescued> steps = new ArrayList<>(0);
    private boolean textOnly = true;
    private @Nullable AnswerChunk first;
    private @Nullable Usage usage;
    private @Nullable Failure broken;
    private String brokenAt = "";

    /** @param kept whether the text is kept, because a target might have to continue it */
    PartialAnswer(boolean kept) {
        this.kept = kept;
        this.textOnly = kept;
    }

    /** An empty one, with the text kept or not as here. */
    PartialAnswer empty() {
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

    /** Forgets everything but the failure and the rescues: nothing has reached the caller. */
    void clear() {
        text = new StringBuilder();
        textOnly = kept;
        first = null;
        usage = null;
    }

    /** Adds the tokens of a part that broke off. */
    void addUsage(Usage spent) {
        usage = spent.plus(usage);
    }

    /** The tokens of the parts that broke off; null if unknown or if there are none. */
    public @Nullable Usage usage() {
        return usage;
    }

    /**
     * Notes the failure that broke it off, of which only the first one is kept, and the target whose call broke. A caller that
     * leaves while another target is to finish it breaks nothing off.
     */
    public void breakOff(Failure failure, String target) {
        if (broken == null || failure.type() != FailureClass.CANCELLED) {
            brokenAt = target;
        }
        broken = broken == null ? failure : broken;
    }

    /** The target whose call broke off last; empty if none did. */
    public String brokenAt() {
        return brokenAt;
    }

    /**
     * One rescue.
     *
     * @param from the target whose call broke off
     * @param by the target that continued
     */
    public record Rescued(String from, String by, Rescue way) {}

    /** The rescues in order. */
    public List<Rescued> steps() {
        return steps;
    }

    /** The failure that first broke it off; null if none did. */
    public @Nullable Failure broken() {
        return broken;
    }

    /** Adds a rescue: the target that continues the answer, and the way in which it does. */
    void continuedBy(String rescue, String target, Rescue way) {
        rescues.add(rescue);
        steps.add(new Rescued(brokenAt, target, way));
    }

    /** The rescues in order, such as {@code b (prefill)}. */
    public List<String> rescues() {
        return rescues;
    }

    /** The text so far, without reasoning; empty if there was other content or too much of it. */
    public String text() {
        return text.toString();
    }

    /** True if all of it is text that another target can continue; half a tool call or half a sound cannot be continued. */
    public boolean isTextOnly() {
        return textOnly;
    }

    /** The first chunk; null if there is none. */
    @Nullable
    AnswerChunk first() {
        return first;
    }
}
