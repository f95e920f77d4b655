package io.bactrian.protocol.translation;

/**
 * The exception for a request that cannot be translated. It has no stack trace, because it is an outcome and no defect.
 */
public abstract sealed class Untranslatable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private Untranslatable(String message) {
        super(message, null, false, false);
    }

    /** The target cannot serve the request faithfully; another target may. */
    public static final class Ineligible extends Untranslatable {
        private static final long serialVersionUID = 1L;
        private final String feature;

        Ineligible(String feature, String message) {
            super(message);
            this.feature = feature;
        }

        /** The label of the missing capability, such as {@code audio}. */
        public String feature() {
            return feature;
        }
    }

    /** A part of the request is not what its protocol says: a 400 for the caller, unless a target accepts it as it is. */
    public static final class Invalid extends Untranslatable {
        private static final long serialVersionUID = 1L;
        private final String param;

        Invalid(String message, String param) {
            super(message);
            this.param = param;
        }

        /** The invalid field, such as {@code messages[2].content}. */
        public String param() {
            return param;
        }
    }
}
