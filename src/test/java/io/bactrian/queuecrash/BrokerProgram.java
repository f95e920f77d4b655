package io.bactrian.queuecrash;

import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Folders;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A broker in a process of its own, which can be killed and started again with the same journal. For one thread. */
final class BrokerProgram implements AutoCloseable {
    private final Path folder = Folders.temporary("bactrian-broker");
    private final int port = Ports.free();
    private Process process = start();

    private Process start() {
        String classPath = String.join(File.pathSeparator, "target/classes", "target/test-classes", "target/lib/*");
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath,
                BrokerMain.class.getName(),
                folder.toString(),
                Integer.toString(port));
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            folder.resolve("broker.log").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String url() {
        return "tcp://127.0.0.1:" + port;
    }

    /** Waits until it takes connections. */
    BrokerProgram listening() {
        await().atMost(Duration.ofMinutes(1)).until(this::listens);
        return this;
    }

    private boolean listens() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    void kill() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    void restart() {
        process = start();
    }

    @Override
    public void close() {
        kill();
    }
}
