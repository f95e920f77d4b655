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
 * The reply of one candidate of a race or hedge group. It holds its answer back until it would reach the caller; the first
 * reply to get there wins, and passes its answer on to the real reply. Written by the racer's thread.
 */
public final class RacerReply implements Reply {
    private final Reply real;
    private final BooleanSupplier wins;
    private final List<AnswerChunk> held = new ArrayList<>();
    private @Nullable AnswerDocument document;
    private boolean won;

    /** @param wins decides the race if that has not happened: whether this reply is the winner */
    public RacerReply(Reply real, BooleanSupplier wins) {
        this.real = real;
        this.wins = wins;
    }

    @Override
    public void claim() {
        if (won) {
            return;
        }
        if (!wins.getAsBoolean()) {
            throw new CallFailed(Failure.of(FailureClass.CANCELLED, "another candidate was faster"));
        }
        won = true;
        held.forEach(real::chunk);
        held.clear();
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
        held.add(chunk);
    }

    @Override
    public void document(AnswerDocument whole) {
        document = whole;
    }

    /** Claims the race if there is something to send. */
    @Override
    public void flush() {
        if (streams() && (won || !held.isEmpty())) {
            claim();
            real.flush();
        }
    }

    @Override
    public void retract() {
        held.clear();
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

    /** Does nothing: another candidate may still answer. */
    @Override
    public void fail(Problem problem) {}

    @Override
    public byte @Nullable [] body() {
        return null;
    }
}
