package io.bactrian.stream;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The preamble that a model may put before the continuation of a text, recognized by patterns. Sentences of the text
 * itself can begin in the same way, so a preamble has to mention the continuation or be an exclamation. Immutable.
 */
final class Preamble {
    /** The result while more text could change it. */
    static final int UNDECIDED = -1;

    private static final int MAX_LENGTH = 300;

    private static final String YES = "(?:sure(?: thing)?|of course|certainly|absolutely|ok(?:ay)?|all ?right|got"
            + " it|understood|no problem|(?:my )?apologies(?: for [^:\\n"
            + ".!]{0,60}+)?|sorry(?: (?:for|about) [^:\\n"
            + ".!]{0,60}+)?)";
    private static final String BROKEN = "left off|stopped|cut off|broke off|interrupted|where (?:i|we|it|you)\\b";
    private static final String HERE = "here(?:['’]s| is| are)\\b(?=[^:\\n]{0,120}\\b(?:rest|continu|remain|" + BROKEN
            + "))[^:\\n]{0,120}+:(?=[\\s*_]|\\z)";
    private static final String ON =
            "(?:continuing|continued|(?:i['’]ll|i will|let me|let['’]s|let us) (?:now )?(?:continue|go on|carry"
                    + " on|pick up|resume)|picking up|resuming|carrying on|the rest|the continuation)\\b(?:(?=[^:\\n"
                    + "]{0,120}\\b(?:" + BROKEN
                    + "))[^:\\n]{0,120}+|(?: here)?[.…!]*+)(?::(?=[\\s*_)\\]]|\\z)|\\s*?\\n|\\z)";

    private static final Pattern LINE = Pattern.compile("\\s*+[*_(\\[]*+(?=\\p{Lu})(?iu:(?:" + YES
            + "[,.!:;]*+\\s++)?(?:" + HERE + "|" + ON + ")|" + YES + "![*_]*+(?:\\h*+\\n|\\z))[*_)\\]]*+\\s*+");
    private static final Pattern EXCLAMATION = Pattern.compile("\\s*+(?=\\p{Lu})(?iu:" + YES + ")!\\s++");
    private static final Pattern DOTS = Pattern.compile("\\s*+(?:\\.{3,}+|…)");
    private static final Pattern OPENED = Pattern.compile("\\s*+(?:```[\\w+#.-]{0,20}+\\h*+\\n|[\"“„«])");

    private final boolean inSentence;
    private final boolean inCode;

    Preamble(String sent) {
        String end = ComparableText.stripEnd(sent);
        inSentence = !end.isEmpty()
                && (end.endsWith(",") || Words.word(end.codePointBefore(end.length())))
                && sent.indexOf('\n', end.length()) < 0;
        inCode = sent.split("```", -1).length % 2 == 0;
    }

    /**
     * The index after a preamble and leading dots; 0 if there are none, {@link #UNDECIDED} if more text is needed.
     *
     * @param all true if no text follows
     */
    int end(CharSequence text, boolean all) {
        int end = after(LINE, text, 0, all);
        if (end == 0 && inSentence) {
            end = after(EXCLAMATION, text, 0, all);
        }
        return end < 0 || inCode ? end : after(DOTS, text, end, all);
    }

    /** The index after a quotation mark or a code fence at {@code from}; {@code from} if there is none. */
    int opened(CharSequence text, int from, boolean all) {
        return after(OPENED, text, from, all);
    }

    /** True if the opening cannot be part of the text: a code fence with a language inside a code block. */
    boolean openedTwice(String opening) {
        return inCode && opening.contains("```") && !opening.strip().equals("```");
    }

    private static int after(Pattern pattern, CharSequence text, int from, boolean all) {
        int to = Math.max(from, Math.min(text.length(), MAX_LENGTH));
        Matcher matcher = pattern.matcher(text).region(from, to);
        boolean found = matcher.lookingAt();
        if (matcher.hitEnd() && !(all && to == text.length())) {
            return text.length() < MAX_LENGTH ? UNDECIDED : from;
        }
        return found ? matcher.end() : from;
    }
}
