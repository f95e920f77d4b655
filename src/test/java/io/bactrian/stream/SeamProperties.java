package io.bactrian.stream;

import static io.bactrian.stream.SeamTexts.heard;
import static io.bactrian.stream.SeamTexts.nfc;
import static io.bactrian.stream.SeamTexts.torn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.text.Normalizer;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class SeamProperties {

    @Property(tries = 3000)
    void answer_that_starts_over_is_heard_exactly(
            @ForAll("texts") String whole,
            @ForAll @DoubleRange(max = 1) double place,
            @ForAll("sizes") int[] sizes,
            @ForAll("seams") Function<String, Seam> seams) {
        String spoken = whole.substring(0, cut(whole, place));
        Seam seam = seams.apply(spoken);

        assertThat(spoken + heard(seam, torn(whole, sizes))).isEqualTo(whole);
        assertThat(seam.joined()).isTrue();
    }

    @Property(tries = 5000)
    void answer_that_starts_over_in_other_forms_is_heard_whole(
            @ForAll("texts") String whole,
            @ForAll @DoubleRange(max = 1) double place,
            @ForAll("sizes") int[] sizes,
            @ForAll("forms") Function<String, String> spokenForm,
            @ForAll("forms") Function<String, String> answerForm,
            @ForAll Random random,
            @ForAll("seams") Function<String, Seam> seams) {
        String begun = whole.substring(0, cut(whole, place));
        String spoken = spokenForm.apply(begun);
        String answer = answerForm.apply(
                SeamTexts.spacedOtherwise(whole, ComparableText.stripEnd(begun).length(), random));

        assertThat(nfc(spoken + heard(seams.apply(spoken), torn(answer, sizes))))
                .isEqualTo(nfc(whole));
    }

    @Property(tries = 3000)
    void answer_with_another_character_differs_and_nothing_of_it_is_heard(
            @ForAll("texts") String whole,
            @ForAll @DoubleRange(max = 1) double place,
            @ForAll @DoubleRange(max = 1) double changed,
            @ForAll("sizes") int[] sizes,
            @ForAll("forms") Function<String, String> form) {
        int cut = cut(whole, place);
        int at = cut(whole.substring(0, cut), changed);
        Assume.that(at < cut
                && !ComparableText.white(whole.charAt(at))
                && !ComparableText.mark(whole.codePointAt(at))
                && !Character.isLowSurrogate(whole.charAt(at)));
        int after = at + Character.charCount(whole.codePointAt(at));
        Assume.that(after <= cut);
        String answer = form.apply(whole.substring(0, at) + "§" + whole.substring(after));

        assertDiffers(whole.substring(0, cut), answer, sizes);
    }

    @Property(tries = 3000)
    void shorter_answer_differs_and_nothing_of_it_is_heard(
            @ForAll("texts") String spoken,
            @ForAll @DoubleRange(max = 1) double place,
            @ForAll("sizes") int[] sizes,
            @ForAll("forms") Function<String, String> form) {
        String answer = spoken.substring(0, cut(spoken, place));
        Assume.that(ComparableText.compared(answer).length()
                < ComparableText.compared(spoken).length());

        assertDiffers(spoken, form.apply(answer), sizes);
    }

    @Property(tries = 3000)
    void continuation_flows_whole(
            @ForAll("texts") String text, @ForAll @DoubleRange(max = 1) double place, @ForAll("sizes") int[] sizes) {
        String whole = "¶" + text;
        String spoken = whole.substring(0, Math.max(1, cut(whole, place)));
        String continuation = whole.substring(Seam.prefix(spoken).length());

        assertThat(spoken + heard(Seam.prefill(spoken), torn(continuation, sizes)))
                .isEqualTo(whole);
    }

    @Property(tries = 3000)
    void answer_to_going_on_is_heard_the_same_however_it_is_torn(
            @ForAll("openings") String spoken, @ForAll("openings") String answer, @ForAll("sizes") int[] sizes) {
        Seam seam = Seam.goOn(spoken);

        assertThat(heard(seam, torn(answer, sizes))).isEqualTo(heard(Seam.goOn(spoken), answer));
        assertThat(seam.joined()).isTrue();
    }

    @Property
    void words_that_are_said_again_are_heard_once(
            @ForAll("words") List<String> words,
            @ForAll @IntRange(min = 1, max = 40) int said,
            @ForAll @IntRange(min = 2, max = 40) int again,
            @ForAll @IntRange(max = 3) int broken,
            @ForAll("preambles") String preamble,
            @ForAll("sizes") int[] sizes) {
        Assume.that(said < words.size() && again < said);
        String whole = String.join(" ", words);
        String spoken = String.join(" ", words.subList(0, said));
        String repeated = String.join(" ", words.subList(said - again, words.size()));
        // Looked for among the last 300 characters.
        Assume.that(String.join(" ", words.subList(said - again, said)).length() <= 300);
        spoken = spoken.substring(0, spoken.length() - broken);

        assertThat(spoken + heard(Seam.goOn(spoken), torn(preamble + repeated, sizes)))
                .isEqualTo(whole);
    }

    private static void assertDiffers(String spoken, String answer, int[] sizes) {
        Seam seam = Seam.replay(spoken);
        StringBuilder heard = new StringBuilder();

        assertThatExceptionOfType(Seam.Differs.class).isThrownBy(() -> {
            for (String piece : torn(answer, sizes)) {
                heard.append(seam.next(piece));
            }
            heard.append(seam.end());
        });
        assertThat(heard).isEmpty();
        assertThat(seam.joined()).isFalse();
    }

    private static int cut(String text, double place) {
        return (int) Math.round(place * text.length());
    }

    @Provide
    Arbitrary<String> texts() {
        return SeamTexts.any();
    }

    @Provide
    Arbitrary<String> openings() {
        return Arbitraries.of(
                        "Sure, ",
                        "Of course! ",
                        "here is the rest:",
                        "Continuing",
                        " from where I left off",
                        ":",
                        "\n",
                        " ",
                        "...",
                        "…",
                        "```java\n",
                        "```",
                        "\"",
                        "the ",
                        "gate",
                        "way ",
                        "earns ",
                        "é",
                        "e\u0301",
                        "漢字")
                .list()
                .ofMaxSize(20)
                .map(parts -> String.join("", parts));
    }

    @Provide
    Arbitrary<List<String>> words() {
        return Arbitraries.strings()
                .withCharRange('b', 'z')
                .ofMinLength(4)
                .ofMaxLength(9)
                .list()
                .uniqueElements()
                .ofMinSize(4)
                .ofMaxSize(45);
    }

    @Provide
    Arbitrary<String> preambles() {
        return Arbitraries.of(
                "", "Sure, here is the rest:\n", "...", "Of course! ", "Continuing from where I stopped.\n\n");
    }

    @Provide
    Arbitrary<int[]> sizes() {
        return SeamTexts.sizes();
    }

    @Provide
    Arbitrary<Function<String, String>> forms() {
        return Arbitraries.of(
                Function.identity(),
                text -> Normalizer.normalize(text, Normalizer.Form.NFC),
                text -> Normalizer.normalize(text, Normalizer.Form.NFD));
    }

    @Provide
    Arbitrary<Function<String, Seam>> seams() {
        return Arbitraries.of(Seam::replay, Seam::prefill, Seam::goOn);
    }
}
