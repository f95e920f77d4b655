package io.bactrian.protocol;

import com.networknt.schema.regex.RegularExpression;
import java.util.regex.Pattern;

/**
 * A regular expression in a caller's schema, each look of which at a character is counted: some take for ever on some texts.
 * Thread-safe.
 */
final class BoundedPattern implements RegularExpression {
    private final Pattern pattern;

    /** @throws java.util.regex.PatternSyntaxException if the text is not a regular expression */
    BoundedPattern(String regex) {
        this.pattern = Pattern.compile(regex);
    }

    /** @throws SchemaSteps.TooMany if the check takes too many steps */
    @Override
    public boolean matches(String value) {
        SchemaSteps.take(1);
        return pattern.matcher(new Counted(value)).find();
    }

    /** A text that counts how often its characters are read. Not thread-safe. */
    private static final class Counted implements CharSequence {
        private final CharSequence text;
        private int read;

        Counted(CharSequence text) {
            this.text = text;
        }

        @Override
        public char charAt(int index) {
            if (++read == SchemaSteps.CHARACTERS_PER_STEP) {
                read = 0;
                SchemaSteps.take(1);
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
