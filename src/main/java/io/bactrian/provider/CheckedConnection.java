package io.bactrian.provider;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ProtocolException;
import java.net.Socket;
import java.time.Duration;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.impl.io.DefaultHttpResponseParserFactory;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;
import org.apache.hc.core5.http.impl.io.SocketHolder;
import org.apache.hc.core5.http.io.HttpMessageParser;
import org.apache.hc.core5.http.io.HttpMessageParserFactory;
import org.apache.hc.core5.http.io.SessionInputBuffer;
import org.apache.hc.core5.io.CloseMode;
import org.jspecify.annotations.Nullable;

/**
 * A connection that is used again only while nothing lies on it unread: bytes that came after an answer would be read as the
 * head of the next. Limits are not its business, the socket waits for ever. Closed by any thread, else used by one at a time.
 */
final class CheckedConnection extends DefaultBHttpClientConnection implements ManagedHttpClientConnection {
    /** A connection idle for longer is read from as well, which waits for a millisecond: servers close without saying so. */
    private static final long LONG_IDLE = Duration.ofMillis(250).toNanos();

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
                // Below TLS may lie what is not deciphered yet, and the word that the other side has closed.
                || holder.getSSLSocket() != null
                        && holder.getBaseSocket().getInputStream().available() > 0;
    }

    @Override
    public void bind(SSLSocket upgraded, Socket socket) throws IOException {
        bind(new SocketHolder(upgraded, socket));
    }

    @Override
    protected void bind(SocketHolder holder) throws IOException {
        if (buffer.holdsBytes()) {
            throw new ProtocolException("more came from the proxy than its answer");
        }
        super.bind(holder);
        if (closed) {
            super.close(CloseMode.IMMEDIATE);
            throw new InterruptedIOException("closed while it connected");
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

    /** What has been read from the socket and not been asked for; HttpClient shows it to nobody but the parser of heads. */
    private static final class Buffer implements HttpMessageParserFactory<ClassicHttpResponse> {
        private final HttpMessageParserFactory<ClassicHttpResponse> parsers;
        private @Nullable SessionInputBuffer seen;

        Buffer(HttpMessageParserFactory<ClassicHttpResponse> parsers) {
            this.parsers = parsers;
        }

        @Override
        public HttpMessageParser<ClassicHttpResponse> create(Http1Config ofNobody) {
            HttpMessageParser<ClassicHttpResponse> parser = parsers.create();
            return (buffer, in) -> {
                seen = buffer;
                return parser.parse(buffer, in);
            };
        }

        boolean holdsBytes() {
            SessionInputBuffer known = seen;
            return known != null && known.length() > 0;
        }
    }
}
