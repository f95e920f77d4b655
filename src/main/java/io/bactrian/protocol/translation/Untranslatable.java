package io.bactrian.protocol.translation;

/** A request that was not translated. Carries no stack trace: it is an outcome, not a defect. */
public abstract sealed class Untranslatable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private Untranslatable(String message) {
        super(message, null, false, false);
    }

    /** The target cannot serve the request faithfully; another one may. */
    public static final class Ineligible extends Untranslatable {
        private static final long serialVersionUID = 1L;
        private final String feature;

        Ineligible(String feature, String message) {
            super(message);
            this.feature = feature;
        }

        /** The label of what is missing, such as {@code audio}. */
        public String feature() {
            return feature;
        }
    }

    /** The request is wrong whoever is asked: a 400 for the caller. */
    public static final class Invalid extends Untranslatable {
        private static final long serialVersionUID = 1L;
        private final String param;

        Invalid(String message, String param) {
            super(message);
            this.param = param;
        }

        /** The field to blame, such as {@code messages[2].content}. */
        public String param() {
            return param;
        }
    }
}
