package io.bactrian.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class SseReaderProperties {

    @Property
    void cases_are_read_however_they_are_torn(@ForAll("cases") SseCases.Case one, @ForAll("sizes") int[] sizes)
            throws IOException {
        assertThat(SseCases.read(new TornStream(one.bytes(), sizes))).isEqualTo(one.events());
    }

    @Property
    void any_stream_is_read_the_same_however_it_is_torn(@ForAll("streams") String text, @ForAll("sizes") int[] sizes)
            throws IOException {
        byte[] bytes = text.getBytes(UTF_8);

        assertThat(SseCases.read(new TornStream(bytes, sizes)))
                .isEqualTo(SseCases.read(new ByteArrayInputStream(bytes)));
    }

    @Property
    void whatever_is_sent_as_an_event_arrives(
            @ForAll("lines") List<String> lines, @ForAll("ends") String eol, @ForAll("sizes") int[] sizes)
            throws IOException {
        String sent = lines.stream().map(line -> "data: " + line + eol + eol).collect(Collectors.joining());

        assertThat(SseCases.read(new TornStream(sent.getBytes(UTF_8), sizes)))
                .isEqualTo(lines.stream().map(line -> "null|" + line).toList());
    }

    @Provide
    Arbitrary<SseCases.Case> cases() {
        return Arbitraries.of(SseCases.all());
    }

    @Provide
    Arbitrary<int[]> sizes() {
        return Arbitraries.integers()
                .between(1, 9)
                .array(int[].class)
                .ofMinSize(1)
                .ofMaxSize(20);
    }

    @Provide
    Arbitrary<String> ends() {
        return Arbitraries.of("\n", "\r\n", "\r");
    }

    @Provide
    Arbitrary<List<String>> lines() {
        return Arbitraries.strings()
                .ofMinLength(1)
                .ofMaxLength(30)
                .filter(line -> !line.contains("\n") && !line.contains("\r"))
                .map(line -> new String(line.getBytes(UTF_8), UTF_8))
                .list()
                .ofMaxSize(6);
    }

    @Provide
    Arbitrary<String> streams() {
        return Arbitraries.of("data", "event", ":", " ", "\n", "\r", "\r\n", "\n\n", "\uFEFF", "é", "🐪", "x")
                .list()
                .ofMaxSize(40)
                .map(parts -> String.join("", parts));
    }
}
