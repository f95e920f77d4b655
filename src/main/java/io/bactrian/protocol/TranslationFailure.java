package io.bactrian.protocol;

import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Failure;
import io.bactrian.protocol.translation.Untranslatable;

/** Requests that cannot be said in a target's protocol, as failures of their call. */
public final class TranslationFailure {
    private TranslationFailure() {}

    public static CallFailed of(Untranslatable why) {
        return new CallFailed(
                switch (why) {
                    case Untranslatable.Ineligible e ->
                        Failure.unsupported(e.feature(), "cannot be said in this protocol");
                    case Untranslatable.Invalid e -> Failure.invalidRequest(e.param(), String.valueOf(e.getMessage()));
                });
    }
}
