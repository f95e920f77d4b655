package io.bactrian.alert;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The page on operations, held to the kinds of alerts. */
final class AlertPageTest {
    @ParameterizedTest
    @EnumSource(AlertKind.class)
    void every_kind_has_a_row_and_a_section_that_its_runbook_leads_to(AlertKind kind) throws IOException {
        String page = Files.readString(Path.of("docs/operations.md"));
        String anchor = kind.title().toLowerCase(Locale.ROOT).replace(' ', '-');

        assertThat(kind.runbook()).isEqualTo("docs/operations.md#" + anchor);
        assertThat(page).contains("\n### " + kind.title() + "\n");
        assertThat(page.lines().filter(line -> line.startsWith("| [" + kind.title() + "](#" + anchor + ") |")))
                .singleElement()
                .asString()
                .contains("| " + kind.severity().name().toLowerCase(Locale.ROOT) + " |");
    }
}
