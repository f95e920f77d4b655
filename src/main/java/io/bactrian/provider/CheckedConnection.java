package io.bactrian.provider;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ProtocolException;
import java.net.Socket;
import java.time.Duration;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.impl.io.DefaultHttpResponseParserFactory;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;
import org.apache.hc.core5.http.impl.io.SocketHolder;
import org.apache.hc.core5.http.io.HttpMessageParser;
import org.apache.hc.core5.http.io.HttpMessageParserFactory;
import org.apache.hc.core5.http.io.SessionInputBuffer;
import org.apache.hc.core5.io.CloseMode;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP connection that is reused only if it has no unread bytes: they would be read as the head of the next response. It has
 * no timeouts, because the {@link Attempt} closes a call that takes too long. Any thread may close it; apart from that it is
 * used by one thread at a time.
 */
final class CheckedConnection extends DefaultBHttpClientConnection implements ManagedHttpClientConnection {
    /**
     * Nanoseconds. A connection idle for longer is checked by a read as well, which may take a millisecond, because servers
     * close idle connections without notice.
     */
    private static final long LONG_IDLE = Duration.ofMillis(250).toNanos();

    /** The most bytes of a response head. */
    private static final int MAX_HEAD = 64 << 10;

    /** The most response heads after one request. */
    private static final int MAX_HEADS = 20;

    private final Buffer buffer;
    private volatile boolean closed;
    private long idleSince = System.nanoTime();

    CheckedConnection(Http1Config config) {
        this(config, new Buffer(new DefaultHttpResponseParserFactory(config)));
    }

    private CheckedConnection(Http1Config config, Buffer buffer) {
        super(config, null, null, null, null, null, buffer);
        this.buffer = buffer;
    }

    @Override
    public boolean isStale() throws IOException {
        return holdsBytes() || System.nanoTime() - idleSince > LONG_IDLE && (super.isStale() || holdsBytes());
    }

    private boolean holdsBytes() throws IOException {
        SocketHolder holder = getSocketHolder();
        return buffer.holdsBytes()
                || holder == null
                || holder.getInputStream().available() > 0
                // Bytes that are not decrypted yet, such as the alert that the other side has closed the connection.
                || holder.getSSLSocket() != null
                        && holder.getBaseSocket().getInputStream().available() > 0;
    }

    @Override
    public void bind(SSLSocket upgraded, Socket socket) throws IOException {
        bind(new SocketHolder(upgraded, socket));
    }

    @Override
    protected void onRequestSubmitted(ClassicHttpRequest request) {
        buffer.heads = 0;
    }

    @Override
    protected void bind(SocketHolder holder) throws IOException {
        if (buffer.holdsBytes()) {
            throw new ProtocolException("the proxy sent more than its response");
        }
        super.bind(holder);
        if (closed) {
            super.close(CloseMode.IMMEDIATE);
            throw new InterruptedIOException("closed while connecting");
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        super.close();
    }

    @Override
    public void close(CloseMode mode) {
        closed = true;
        super.close(mode);
    }

    @Override
    public @Nullable Socket getSocket() {
        SocketHolder holder = getSocketHolder();
        return holder == null ? null : holder.getSocket();
    }

    @Override
    public void passivate() {
        idleSince = System.nanoTime();
    }

    @Override
    public void activate() {}

    /** The bytes read from the socket and not consumed yet. HttpClient gives them only to the parser of response heads. */
    private static final class Buffer implements HttpMessageParserFactory<ClassicHttpResponse> {
        private final HttpMessageParserFactory<ClassicHttpResponse> parsers;
        private @Nullable SessionInputBuffer seen;
        /** The response heads since the last request: the interim ones and the response itself. */
        private int heads;

        Buffer(HttpMessageParserFactory<ClassicHttpResponse> parsers) {
            this.parsers = parsers;
        }

        @Override
        public HttpMessageParser<ClassicHttpResponse> create(Http1Config ignored) {
            HttpMessageParser<ClassicHttpResponse> parser = parsers.create();
            return (buffer, in) -> {
                seen = buffer;
                heads++;
                if (heads > MAX_HEADS) {
                    throw new MessageConstraintException("too many interim responses");
                }
                return parser.parse(buffer, new Head(in));
            };
        }

        boolean holdsBytes() {
            SessionInputBuffer known = seen;
            return known != null && known.length() > 0;
        }
    }

    /** The bytes of a response head, which may only be so many. */
    private static final class Head extends FilterInputStream {
        private int left = MAX_HEAD;

        Head(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (left <= 0) {
                throw new MessageConstraintException("the head has more than " + MAX_HEAD + " bytes");
            }
            int read = super.read(into, offset, length);
            left -= Math.max(0, read);
            return read;
        }
    }
}
