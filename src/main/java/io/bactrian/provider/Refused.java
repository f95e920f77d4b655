package io.bactrian.provider;

import io.bactrian.fallback.CallFailed;
import io.bactrian.fallback.Failure;
import io.bactrian.fallback.FailureClass;
import io.bactrian.translation.Untranslatable;

/** Requests that cannot be said in a target's protocol, as failures of their call. */
final class Refused {
    private Refused() {}

    static CallFailed of(Untranslatable why) {
        return new CallFailed(
                switch (why) {
                    case Untranslatable.Ineligible e ->
                        new Failure(
                                FailureClass.UNSUPPORTED,
                                0,
                                null,
                                null,
                                e.feature(),
                                null,
                                null,
                                "cannot be said in this protocol");
                    case Untranslatable.Invalid e ->
                        new Failure(
                                FailureClass.INVALID_REQUEST,
                                400,
                                null,
                                null,
                                null,
                                "invalid_request_error",
                                e.param(),
                                String.valueOf(e.getMessage()));
                });
    }
}
