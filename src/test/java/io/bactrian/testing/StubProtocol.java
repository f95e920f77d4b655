package io.bactrian.testing;

import io.bactrian.testing.ModelAnswer.Piece;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A protocol of providers as a stub speaks it. Events are lines without the blank one at the end. */
sealed interface StubProtocol permits OpenAiStub, AnthropicStub {

    /** How the path of a call ends. */
    String path();

    /** Whether a call to this path is answered at all. */
    default boolean serves(String path) {
        return path.endsWith(path());
    }

    String models();

    String document(ModelAnswer answer);

    /** What precedes the first token. */
    List<String> start(ModelAnswer answer);

    List<Piece> pieces(ModelAnswer answer);

    /** What says how it ended. */
    List<String> finish(ModelAnswer answer, boolean usage);

    /** What says that nothing follows. */
    List<String> done();

    String ping();

    String error(String type, @Nullable String code, String message);

    String errorEvent(String json);

    /** An event with half a JSON document. */
    String malformed();

    Map<String, String> headers(int call);
}
