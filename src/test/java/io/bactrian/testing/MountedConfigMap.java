package io.bactrian.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A ConfigMap in a folder, as the kubelet mounts it: each file is a link to {@code ..data/<file>}, and {@code ..data} is a link to a
 * folder with all files of one version. A new version is a new folder, to which {@code ..data} points in one step. For one thread.
 */
public final class MountedConfigMap {
    private final Path folder;
    private int version;

    private MountedConfigMap(Path folder) {
        this.folder = folder;
    }

    /**
     * Mounts a ConfigMap.
     *
     * @param folder is made if it does not exist
     * @param files texts by their names; may be empty, as a ConfigMap may
     */
    public static MountedConfigMap at(Path folder, Map<String, String> files) {
        try {
            Files.createDirectories(folder);
            MountedConfigMap mounted = new MountedConfigMap(folder);
            mounted.change(files);
            return mounted;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts other files in the place of all, in the order of steps that the kubelet keeps to. */
    public void change(Map<String, String> files) {
        try {
            Path data = folder.resolve("..data");
            Path old = Files.exists(data) ? data.toRealPath() : null;
            Path next = Files.createDirectory(folder.resolve("..2026_11_29_04_00_0%d.123456789".formatted(version++)));
            for (Map.Entry<String, String> file : files.entrySet()) {
                Files.writeString(next.resolve(file.getKey()), file.getValue());
            }
            for (String name : files.keySet()) {
                Path visible = folder.resolve(name);
                if (!Files.isSymbolicLink(visible)) {
                    Files.createSymbolicLink(visible, Path.of("..data", name));
                }
            }
            Path swap = Files.createSymbolicLink(folder.resolve("..data_tmp"), next.getFileName());
            Files.move(swap, data, StandardCopyOption.ATOMIC_MOVE);
            removeAllBut(files);
            if (old != null) {
                Folders.delete(old);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void removeAllBut(Map<String, String> files) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            for (Path path : all.filter(Files::isSymbolicLink).toList()) {
                String name = path.getFileName().toString();
                if (!name.startsWith("..") && !files.containsKey(name)) {
                    Files.delete(path);
                }
            }
        }
    }
}
