package io.bactrian.stream;

import io.bactrian.stream.PrefixMatch.Found;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the longest end of what was spoken that a text begins with: all of it, some words, or a word that was broken off and
 * is completed. Not thread-safe.
 */
final class Overlap {
    private static final int FARTHEST = 300;
    private static final int WORDS = 2;
    private static final int CHARACTERS = 10;
    private static final int FRAGMENT = 3;

    private final StringBuilder rest = new StringBuilder();
    private List<Place> places = new ArrayList<>();
    private boolean found;

    /** A place in what was spoken where a repetition may begin. */
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

    /** What must follow a repetition, so that it counts. */
    private enum Kind {
        ANY,
        WHOLE_WORDS,
        FRAGMENT,
        NONE
    }

    Overlap(String spoken) {
        if (spoken.length() > FARTHEST) {
            places.add(new Place(new PrefixMatch(spoken), Kind.ANY));
        }
        int start = Math.max(0, spoken.length() - FARTHEST);
        while (start > 0 && start < spoken.length() && inside(spoken, start)) {
            start++;
        }
        String compared = ComparableText.compared(spoken.substring(start));
        boolean open = ComparableText.whiteEnd(spoken).isEmpty();
        int at = 0;
        for (int from = start; from < spoken.length(); ) {
            if (ComparableText.white(spoken.charAt(from))) {
                from++;
                continue;
            }
            Kind kind = start == 0 && at == 0 ? Kind.ANY : kind(spoken, from, open);
            if (kind != Kind.NONE) {
                places.add(new Place(new PrefixMatch(compared, at, open), kind));
            }
            int end = ComparableText.end(spoken, from, spoken.length());
            at += ComparableText.nfd(spoken.substring(from, end)).length();
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

    /** What follows the repetition in all pieces, once it is whole. */
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
            if (now == Found.GOING_ON) {
                left.add(place);
            } else if (now == Found.WHOLE && place.counts()) {
                rest.setLength(0);
                rest.append(place.match.rest());
                found = true;
                break;
            }
        }
        places = left;
        if (!places.isEmpty()) {
            return Found.GOING_ON;
        }
        return found ? Found.WHOLE : Found.OTHER;
    }

    private static Kind kind(String spoken, int from, boolean open) {
        if (enough(spoken, from)) {
            return open ? Kind.ANY : Kind.WHOLE_WORDS;
        }
        return open && brokenWord(spoken, from) ? Kind.FRAGMENT : Kind.NONE;
    }

    private static boolean inside(String text, int at) {
        return Character.isLowSurrogate(text.charAt(at)) || ComparableText.mark(text.codePointAt(at));
    }

    /** Whether the text from there is enough to be no chance. */
    private static boolean enough(String text, int from) {
        String end = text.substring(from);
        int words = Words.count(end);
        long characters = end.codePoints().filter(c -> !ComparableText.white(c)).count();
        return (words >= WORDS && startsWord(text, from)) || (words > 0 && characters >= CHARACTERS);
    }

    private static boolean brokenWord(String text, int from) {
        String end = text.substring(from);
        return startsWord(text, from)
                && end.codePoints().allMatch(Words::letter)
                && end.codePoints().filter(Character::isLetter).count() >= FRAGMENT;
    }

    private static boolean startsWord(String text, int from) {
        return from == 0 || !Words.word(text.codePointBefore(from));
    }
}
