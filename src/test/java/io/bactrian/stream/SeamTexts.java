package io.bactrian.stream;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Tuple;

/** Texts for seams, and variants of them. */
final class SeamTexts {
    private static final List<String> WHITE =
            List.of(" ", "  ", "\n", "\n\n", "\t", "\u00A0", "\r\n", "\u3000", " \n ");

    private SeamTexts() {}

    static Arbitrary<String> any() {
        Arbitrary<String> parts = Arbitraries.of(
                "a",
                "The",
                "gateway",
                "earns",
                "e",
                ".",
                "30",
                "```",
                "\"",
                "ß",
                "é",
                "e\u0301",
                "ê\u0323",
                "e\u0323\u0302",
                "e\u0302\u0323",
                "ệ",
                "ế",
                "ư\u0303",
                "\u212B",
                "ﬁ",
                "한",
                "하",
                "\u1112\u1161\u11AB",
                "\u1112",
                "글",
                "क्षि",
                "กำ",
                "عَرَبِيّ",
                "👩‍👩‍👧",
                "❤️",
                "👍🏽",
                "🇩🇪",
                "\uD834\uDD5E",
                "\uD804\uDC9A",
                "\u200B",
                "漢",
                "か\u3099",
                "が");
        return Arbitraries.frequencyOf(Tuple.of(3, parts), Tuple.of(1, Arbitraries.of(WHITE)))
                .list()
                .ofMinSize(1)
                .ofMaxSize(25)
                .map(list -> String.join("", list));
    }

    static Arbitrary<int[]> sizes() {
        return Arbitraries.integers()
                .between(1, 7)
                .array(int[].class)
                .ofMinSize(1)
                .ofMaxSize(12);
    }

    static List<String> torn(String text, int... sizes) {
        List<String> pieces = new ArrayList<>();
        for (int at = 0, piece = 0; at < text.length(); piece++) {
            int end = Math.min(text.length(), at + sizes[piece % sizes.length]);
            pieces.add(text.substring(at, end));
            at = end;
        }
        return pieces;
    }

    /** The whole text that is sent to the caller. */
    static String heard(Seam seam, List<String> pieces) {
        StringBuilder heard = new StringBuilder();
        pieces.forEach(piece -> heard.append(seam.next(piece)));
        return heard.append(seam.end()).toString();
    }

    static String heard(Seam seam, String... pieces) {
        return heard(seam, List.of(pieces));
    }

    static String nfc(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFC);
    }

    /** The text with other white space before that place, where it is between characters. */
    static String spacedOtherwise(String text, int to, Random random) {
        StringBuilder other = new StringBuilder();
        for (int at = 0; at < text.length(); at++) {
            boolean white = ComparableText.white(text.charAt(at));
            boolean between =
                    at < to && !Character.isLowSurrogate(text.charAt(at)) && !ComparableText.mark(text.codePointAt(at));
            if (between && random.nextInt(white ? 2 : 6) == 0) {
                other.append(WHITE.get(random.nextInt(WHITE.size())));
            }
            if (!white || !between || random.nextBoolean()) {
                other.append(text.charAt(at));
            }
        }
        return other.toString();
    }
}
