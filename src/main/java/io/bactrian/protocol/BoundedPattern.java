package io.bactrian.protocol;

import com.networknt.schema.JsonSchemaException;
import com.networknt.schema.regex.RegularExpression;
import java.util.regex.Pattern;

/** A pattern in a caller's schema. Some take for ever to say no; after so many steps it is given up. Thread-safe. */
final class BoundedPattern implements RegularExpression {
    private static final long MAX_STEPS = 5_000_000;
    private static final long STEPS_PER_CHARACTER = 100;

    private final Pattern pattern;

    /** @throws java.util.regex.PatternSyntaxException if it is none */
    BoundedPattern(String regex) {
        this.pattern = Pattern.compile(regex);
    }

    /** @throws JsonSchemaException if it is given up */
    @Override
    public boolean matches(String value) {
        return pattern.matcher(new Steps(value, MAX_STEPS + STEPS_PER_CHARACTER * value.length()))
                .find();
    }

    /** Counts how often a character is looked at. Not thread-safe. */
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
