package io.bactrian.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** A connection on which a test sends bytes as it likes, and reads what comes back. Used by one thread. */
public final class RawConnection implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;

    private final Socket socket;

    private RawConnection(Socket socket) {
        this.socket = socket;
    }

    /** A connection to a port of this machine. */
    public static RawConnection to(int port) {
        try {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.setTcpNoDelay(true);
            return new RawConnection(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends text byte for byte; nothing happens if the other side has closed the connection. */
    public RawConnection send(String text) {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Sends bytes; nothing happens if the other side has closed the connection. */
    public RawConnection send(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
        } catch (SocketException e) {
            // It has answered and left; the answer can still be read.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Ends what is sent; answers still come. */
    public RawConnection sendNoMore() {
        try {
            socket.shutdownOutput();
        } catch (SocketException e) {
            // It has answered and left; the answer can still be read.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** All that comes until the other side closes the connection. */
    public String readToEnd() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            socket.getInputStream().transferTo(all);
        } catch (SocketException e) {
            // A reset ends it as well.
        } catch (IOException e) {
            throw new UncheckedIOException("no end after: " + all.toString(StandardCharsets.ISO_8859_1), e);
        }
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    /** Reads until these words have come, and returns all that came. */
    public String readUntil(String words) {
        StringBuilder all = new StringBuilder();
        try {
            while (all.indexOf(words) < 0) {
                int next = socket.getInputStream().read();
                if (next < 0) {
                    throw new AssertionError("the end came before '" + words + "': " + all);
                }
                all.append((char) next);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("no '" + words + "' in: " + all, e);
        }
        return all.toString();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
