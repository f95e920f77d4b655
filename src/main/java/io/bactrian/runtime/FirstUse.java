package io.bactrian.runtime;

import io.bactrian.provider.ProviderClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first use of what Java sets up only once, and never again if that fails: without file descriptors at that moment, no later call
 * could be made. So it is used at the start, when there are some. Stateless.
 */
final class FirstUse {
    private static final Logger LOG = LoggerFactory.getLogger(FirstUse.class);

    private FirstUse() {}

    /**
     * Uses it, on a thread of its own.
     *
     * @param tls whether there are providers that are called over TLS
     */
    static void begin(boolean tls) {
        Thread.ofVirtual().name("first-use").start(() -> {
            try {
                waitForBytes();
                if (tls) {
                    ProviderClient.prepareTls();
                }
            } catch (IOException | RuntimeException e) {
                LOG.warn("What the first call needs could not be prepared: {}", e.toString());
            }
        });
    }

    /** Waits on a virtual thread for bytes that do not come: the JDK then sets up its poller. */
    private static void waitForBytes() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket reader = new Socket(server.getInetAddress(), server.getLocalPort())) {
            reader.setSoTimeout(1);
            int read = reader.getInputStream().read();
            LOG.debug("Read {}", read);
        } catch (SocketTimeoutException e) {
            LOG.trace("The poller is there", e);
        }
    }
}
