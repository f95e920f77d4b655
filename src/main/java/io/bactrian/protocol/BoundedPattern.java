package io.bactrian.protocol;

import com.networknt.schema.JsonSchemaException;
import com.networknt.schema.regex.RegularExpression;
import java.util.regex.Pattern;

/**
 * A regular expression in a caller's schema that gives up after a number of steps: some take for ever on some texts.
 * Thread-safe.
 */
final class BoundedPattern implements RegularExpression {
    private static final long MAX_STEPS = 5_000_000;
    private static final long STEPS_PER_CHARACTER = 100;

    private final Pattern pattern;

    /** @throws java.util.regex.PatternSyntaxException if the text is not a regular expression */
    BoundedPattern(String regex) {
        this.pattern = Pattern.compile(regex);
    }

    /** @throws JsonSchemaException if it took too many steps */
    @Override
    public boolean matches(String value) {
        return pattern.matcher(new Steps(value, MAX_STEPS + STEPS_PER_CHARACTER * value.length()))
                .find();
    }

    /** A text that counts how often its characters are read. Not thread-safe. */
    private static final class Steps implements CharSequence {
        private final CharSequence text;
        private long left;

        Steps(CharSequence text, long most) {
            this.text = text;
            this.left = most;
        }

        @Override
        public char charAt(int index) {
            if (--left < 0) {
                throw new JsonSchemaException("the pattern takes too long");
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
