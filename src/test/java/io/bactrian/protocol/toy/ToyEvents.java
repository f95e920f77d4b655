package io.bactrian.protocol.toy;

import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.Ids;
import io.bactrian.protocol.ProviderProtocol;
import io.bactrian.protocol.ProviderProtocol.Sign;
import io.bactrian.protocol.openai.ChatChunk;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A reader of the events of one toy answer: as they are, or as canonical chunks. Not thread-safe. */
final class ToyEvents implements ProviderProtocol.Events {
    private final boolean asTheyAre;
    private final String id = "toy-" + Ids.random();
    private boolean ended;

    ToyEvents(boolean asTheyAre) {
        this.asTheyAre = asTheyAre;
    }

    @Override
    public @Nullable AnswerChunk read(byte[] data) {
        return ToyChunk.read(data);
    }

    @Override
    public List<AnswerChunk> chunks(AnswerChunk event) {
        if (event.tree().has("failed")) {
            String reason = event.tree().path("failed").asText();
            throw new CallFailed(Failure.of(FailureClass.OVERLOADED, 200, reason));
        }
        ended |= event.tree().has("ended");
        return asTheyAre
                ? List.of(event)
                : ToyTranslation.chatChunks(event.tree(), id).stream()
                        .map(chunk -> (AnswerChunk) ChatChunk.of(chunk))
                        .toList();
    }

    @Override
    public List<AnswerChunk> end() {
        return List.of();
    }

    @Override
    public boolean ended() {
        return ended;
    }

    @Override
    public Sign sign() {
        return ended ? Sign.ENDING : Sign.NONE;
    }
}
