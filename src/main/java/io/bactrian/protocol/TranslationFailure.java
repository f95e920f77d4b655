package io.bactrian.protocol;

import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Failure;
import io.bactrian.protocol.translation.Untranslatable;

/** A factory for the failures of calls whose request the target's protocol cannot express. Stateless. */
public final class TranslationFailure {
    private TranslationFailure() {}

    /** The failure of a call whose request was not translated. */
    public static CallFailed of(Untranslatable why) {
        return new CallFailed(
                switch (why) {
                    case Untranslatable.Ineligible e ->
                        Failure.unsupported(e.feature(), String.valueOf(e.getMessage()));
                    case Untranslatable.Invalid e -> Failure.invalidRequest(e.param(), String.valueOf(e.getMessage()));
                });
    }
}
