package io.bactrian.stream;

import io.bactrian.stream.PrefixMatch.Found;
import java.util.ArrayList;
import java.util.List;

/**
 * The search for the longest end of the sent text with which an answer begins: all of it, some words, or a broken word
 * that the answer completes. Not thread-safe.
 */
final class Overlap {
    private static final int MAX_DISTANCE = 300;
    private static final int MIN_WORDS = 2;
    private static final int MIN_CHARACTERS = 10;
    private static final int MIN_FRAGMENT_LETTERS = 3;

    private final StringBuilder rest = new StringBuilder();
    private List<Place> places = new ArrayList<>();
    private boolean found;

    /** A position in the sent text at which a repetition may begin. */
    private record Place(PrefixMatch match, Kind kind) {
        boolean counts() {
            String rest = match.rest();
            return switch (kind) {
                case ANY -> true;
                case WHOLE_WORDS -> rest.isEmpty() || !Words.word(rest.codePointAt(0));
                case FRAGMENT -> !rest.isEmpty() && Words.letter(rest.codePointAt(0));
                case NONE -> false;
            };
        }
    }

    /** The condition on the text after a repetition, without which the repetition does not count. */
    private enum Kind {
        ANY,
        WHOLE_WORDS,
        FRAGMENT,
        NONE
    }

    Overlap(String sent) {
        if (sent.length() > MAX_DISTANCE) {
            places.add(new Place(new PrefixMatch(sent), Kind.ANY));
        }
        int start = Math.max(0, sent.length() - MAX_DISTANCE);
        while (start > 0 && start < sent.length() && inside(sent, start)) {
            start++;
        }
        String compared = ComparableText.compared(sent.substring(start));
        boolean open = ComparableText.whiteEnd(sent).isEmpty();
        int at = 0;
        for (int from = start; from < sent.length(); ) {
            if (ComparableText.white(sent.charAt(from))) {
                from++;
                continue;
            }
            Kind kind = start == 0 && at == 0 ? Kind.ANY : kind(sent, from, open);
            if (kind != Kind.NONE) {
                places.add(new Place(new PrefixMatch(compared, at, open), kind));
            }
            int end = ComparableText.end(sent, from, sent.length());
            at += ComparableText.nfd(sent.substring(from, end)).length();
            from = end;
        }
    }

    Found next(String piece) {
        rest.append(found ? piece : "");
        return sift(place -> place.match.next(piece));
    }

    Found end() {
        return sift(place -> place.match.end());
    }

    /** The text after the repetition from all pieces, once the repetition is complete. */
    String rest() {
        return rest.toString();
    }

    private interface Step {
        Found take(Place place);
    }

    private Found sift(Step step) {
        List<Place> left = new ArrayList<>();
        for (Place place : places) {
            Found now = step.take(place);
            if (now == Found.PARTIAL) {
                left.add(place);
            } else if (now == Found.COMPLETE && place.counts()) {
                rest.setLength(0);
                rest.append(place.match.rest());
                found = true;
                break;
            }
        }
        places = left;
        if (!places.isEmpty()) {
            return Found.PARTIAL;
        }
        return found ? Found.COMPLETE : Found.DIFFERENT;
    }

    private static Kind kind(String sent, int from, boolean open) {
        if (enough(sent, from)) {
            return open ? Kind.ANY : Kind.WHOLE_WORDS;
        }
        return open && brokenWord(sent, from) ? Kind.FRAGMENT : Kind.NONE;
    }

    private static boolean inside(String text, int at) {
        return Character.isLowSurrogate(text.charAt(at)) || ComparableText.mark(text.codePointAt(at));
    }

    /** True if the text from there is long enough to rule out a chance repetition. */
    private static boolean enough(String text, int from) {
        String end = text.substring(from);
        int words = Words.count(end);
        long characters = end.codePoints().filter(c -> !ComparableText.white(c)).count();
        return (words >= MIN_WORDS && startsWord(text, from)) || (words > 0 && characters >= MIN_CHARACTERS);
    }

    private static boolean brokenWord(String text, int from) {
        String end = text.substring(from);
        return startsWord(text, from)
                && end.codePoints().allMatch(Words::letter)
                && end.codePoints().filter(Character::isLetter).count() >= MIN_FRAGMENT_LETTERS;
    }

    private static boolean startsWord(String text, int from) {
        return from == 0 || !Words.word(text.codePointBefore(from));
    }
}
