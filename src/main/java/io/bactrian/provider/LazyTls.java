package io.bactrian.provider;

import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/**
 * A TLS strategy with the trust store of the system, read when the first connection needs it: that saves a tenth of the
 * start-up time. Thread-safe.
 */
final class LazyTls implements TlsSocketStrategy {
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable TlsSocketStrategy strategy;

    @Override
    public SSLSocket upgrade(Socket socket, String target, int port, @Nullable Object attachment, HttpContext context)
            throws IOException {
        return strategy().upgrade(socket, target, port, attachment, context);
    }

    /** Reads the trust store now. */
    void prepare() {
        strategy();
    }

    private TlsSocketStrategy strategy() {
        TlsSocketStrategy known = strategy;
        if (known != null) {
            return known;
        }
        lock.lock();
        try {
            TlsSocketStrategy made = strategy == null ? DefaultClientTlsStrategy.createSystemDefault() : strategy;
            strategy = made;
            return made;
        } finally {
            lock.unlock();
        }
    }
}
