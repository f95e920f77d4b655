package io.bactrian.request;

import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.AnswerDocument;
import io.bactrian.protocol.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What one of several candidates says that are asked at once: kept back until it is good, which is when it would reach the
 * caller; then the first to come wins, and is passed on from there. Written by the racer's thread.
 */
public final class RacerReply implements Reply {
    private final Reply real;
    private final BooleanSupplier first;
    private final List<AnswerChunk> kept = new ArrayList<>();
    private @Nullable AnswerDocument document;
    private boolean won;

    /** @param first whether nobody else has won, from which moment on this one has */
    public RacerReply(Reply real, BooleanSupplier first) {
        this.real = real;
        this.first = first;
    }

    @Override
    public void claim() {
        if (won) {
            return;
        }
        if (!first.getAsBoolean()) {
            throw new CallFailed(Failure.of(FailureClass.CANCELLED, "another one was quicker"));
        }
        won = true;
        kept.forEach(real::chunk);
        kept.clear();
        if (document != null) {
            real.document(document);
        }
    }

    @Override
    public boolean streams() {
        return real.streams();
    }

    @Override
    public boolean committed() {
        return won && real.committed();
    }

    @Override
    public boolean joinable() {
        return !won || real.joinable();
    }

    @Override
    public void note(String remark) {
        if (won) {
            real.note(remark);
        }
    }

    @Override
    public void chunk(AnswerChunk chunk) {
        if (won) {
            real.chunk(chunk);
            return;
        }
        if (!streams()) {
            chunk.forgetTree();
        }
        kept.add(chunk);
    }

    @Override
    public void document(AnswerDocument whole) {
        document = whole;
    }

    /** What would go out to the caller now is good. */
    @Override
    public void flush() {
        if (streams() && (won || !kept.isEmpty())) {
            claim();
            real.flush();
        }
    }

    @Override
    public void retract() {
        kept.clear();
        document = null;
        if (won) {
            real.retract();
        }
    }

    @Override
    public void complete() {
        claim();
        real.complete();
    }

    /** Nothing: whether there is no answer at all is not this one's to say. */
    @Override
    public void fail(Problem problem) {}

    @Override
    public byte @Nullable [] body() {
        return null;
    }
}
