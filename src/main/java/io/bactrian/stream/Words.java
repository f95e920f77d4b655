package io.bactrian.stream;

import java.util.EnumSet;
import java.util.Set;

/** Simple rules for words and the spaces between them. Stateless. */
final class Words {
    private static final Set<Character.UnicodeScript> WITHOUT_SPACES = EnumSet.of(
            Character.UnicodeScript.HAN,
            Character.UnicodeScript.HIRAGANA,
            Character.UnicodeScript.KATAKANA,
            Character.UnicodeScript.BOPOMOFO,
            Character.UnicodeScript.THAI,
            Character.UnicodeScript.LAO,
            Character.UnicodeScript.KHMER,
            Character.UnicodeScript.MYANMAR,
            Character.UnicodeScript.TIBETAN);

    private Words() {}

    static boolean letter(int codePoint) {
        return Character.isLetter(codePoint) || ComparableText.mark(codePoint);
    }

    static boolean word(int codePoint) {
        return Character.isLetterOrDigit(codePoint) || ComparableText.mark(codePoint);
    }

    /** True if a space is missing between two texts. */
    static boolean glued(String before, String after) {
        if (before.isEmpty() || after.isEmpty()) {
            return false;
        }
        int last = before.codePointBefore(before.length());
        int first = after.codePointAt(0);
        return word(last) && Character.isLetterOrDigit(first) && spaced(last) && spaced(first);
    }

    /** The number of parts between white space that contain a letter or a digit. */
    static int count(String text) {
        int count = 0;
        boolean counted = false;
        for (int codePoint : text.codePoints().toArray()) {
            if (ComparableText.white(codePoint)) {
                counted = false;
            } else if (!counted && word(codePoint)) {
                counted = true;
                count++;
            }
        }
        return count;
    }

    private static boolean spaced(int codePoint) {
        return !WITHOUT_SPACES.contains(Character.UnicodeScript.of(codePoint));
    }
}
