package io.bactrian.runtime;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots of the files. */
final class ConfigSnapshotTest {
    @TempDir
    private Path directory;

    private Path properties;

    @BeforeEach
    void file() throws IOException {
        properties = directory.resolve("application.properties");
        Files.writeString(properties, "a=1");
    }

    @Test
    void a_file_that_is_only_touched_is_the_same() throws IOException {
        ConfigSnapshot before = ConfigSnapshot.at(directory);
        Files.setLastModifiedTime(properties, FileTime.fromMillis(0));
        assertThat(ConfigSnapshot.at(directory)).isEqualTo(before);
    }

    @Test
    void a_change_that_keeps_size_and_time_is_seen() throws IOException {
        FileTime time = Files.getLastModifiedTime(properties);
        ConfigSnapshot before = ConfigSnapshot.at(directory);
        Files.writeString(properties, "a=2");
        Files.setLastModifiedTime(properties, time);
        assertThat(ConfigSnapshot.at(directory)).isNotEqualTo(before);
    }

    @Test
    void properties_that_say_nothing_are_told_from_others() throws IOException {
        assertThat(ConfigSnapshot.at(directory).hasProperties()).isTrue();
        for (String nothing : new String[] {"", "\n\n", "# a=1\n  ! b=2\n"}) {
            Files.writeString(properties, nothing);
            assertThat(ConfigSnapshot.at(directory).hasProperties()).as(nothing).isFalse();
        }
    }

    @Test
    void what_is_no_file_or_too_large_is_not_read() throws IOException {
        Path routes = Files.createDirectory(directory.resolve("routes"));
        Path route = Files.createDirectory(routes.resolve("folder.camel.yaml"));
        assertThatIOException().isThrownBy(() -> ConfigSnapshot.at(directory)).withMessageContaining("is no file");
        Files.delete(route);
        try (RandomAccessFile large = new RandomAccessFile(route.toFile(), "rw")) {
            large.setLength(1L << 30);
        }
        assertThatIOException()
                .isThrownBy(() -> ConfigSnapshot.at(directory))
                .withMessage("routes/folder.camel.yaml: is larger than 16 MB");
    }

    @Test
    void routes_are_named_as_they_come_change_and_go() throws IOException {
        ConfigSnapshot without = ConfigSnapshot.at(directory);
        Path routes = Files.createDirectory(directory.resolve("routes"));
        Files.writeString(routes.resolve("chat.camel.yaml"), "one");
        Files.writeString(routes.resolve("README.md"), "no route");
        ConfigSnapshot with = ConfigSnapshot.at(directory);
        Files.writeString(routes.resolve("chat.camel.yaml"), "two");
        Files.writeString(routes.resolve("more.camel.yaml"), "more");
        ConfigSnapshot changed = ConfigSnapshot.at(directory);

        assertThat(without.has(ConfigSnapshot.ROUTES)).isFalse();
        assertThat(with.has(ConfigSnapshot.ROUTES)).isTrue();
        assertThat(with.routesSince(without)).containsExactly("routes/chat.camel.yaml added");
        assertThat(changed.routesSince(with))
                .containsExactly("routes/chat.camel.yaml changed", "routes/more.camel.yaml added");
        assertThat(with.routesSince(changed))
                .containsExactly("routes/chat.camel.yaml changed", "routes/more.camel.yaml removed");
    }

    @Test
    void links_that_are_swapped_are_followed() throws IOException {
        Files.delete(properties);
        Path one = Files.createDirectory(directory.resolve("..one"));
        Path two = Files.createDirectory(directory.resolve("..two"));
        Files.writeString(one.resolve("application.properties"), "a=1");
        Files.writeString(two.resolve("application.properties"), "a=2");
        Path data = Files.createSymbolicLink(directory.resolve("..data"), one.getFileName());
        Files.createSymbolicLink(properties, Path.of("..data/application.properties"));
        ConfigSnapshot before = ConfigSnapshot.at(directory);

        Path next = Files.createSymbolicLink(directory.resolve("..data_tmp"), two.getFileName());
        Files.move(next, data, ATOMIC_MOVE);

        assertThat(ConfigSnapshot.at(directory)).isNotEqualTo(before);
    }

    @Test
    void properties_may_be_in_a_folder_of_their_own_but_not_in_both_places() throws IOException {
        Path mounted = Files.createDirectory(directory.resolve("config")).resolve("application.properties");
        assertThat(ConfigSnapshot.properties(directory)).hasValue(properties);
        Files.move(properties, mounted);
        assertThat(ConfigSnapshot.properties(directory)).hasValue(mounted);
        assertThat(ConfigSnapshot.at(directory).hasProperties()).isTrue();
        assertThat(ConfigSnapshot.at(directory).has(ConfigSnapshot.PROPERTIES)).isFalse();

        Files.writeString(properties, "a=1");
        assertThatExceptionOfType(InvalidConfiguration.class)
                .isThrownBy(() -> ConfigSnapshot.properties(directory))
                .withMessageContaining("application.properties and config/application.properties: only one of them");
    }

    @Test
    void a_file_that_cannot_be_read_is_no_look() throws IOException {
        Path routes = Files.createDirectory(directory.resolve("routes"));
        Files.createSymbolicLink(routes.resolve("chat.camel.yaml"), Path.of("nowhere"));
        assertThatIOException().isThrownBy(() -> ConfigSnapshot.at(directory));
    }
}
