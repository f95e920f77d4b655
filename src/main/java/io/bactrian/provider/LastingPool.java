package io.bactrian.provider;

import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.URIScheme;
import org.apache.hc.core5.http.io.HttpConnectionFactory;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.pool.PoolReusePolicy;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

/**
 * A pool of connections that outlasts an {@link Error}: after one, such as a lack of memory, HttpClient closes its pool for good at
 * once, so that no later call would find a connection. This one only gives up its idle connections then. Thread-safe.
 */
final class LastingPool extends PoolingHttpClientConnectionManager {
    LastingPool(TlsSocketStrategy tls, HttpConnectionFactory<ManagedHttpClientConnection> connections) {
        super(
                new DefaultHttpClientConnectionOperator(
                        (SchemePortResolver) null, (DnsResolver) null, scheme -> strategy(scheme, tls)),
                PoolConcurrencyPolicy.STRICT,
                PoolReusePolicy.LIFO,
                TimeValue.NEG_ONE_MILLISECOND,
                connections);
    }

    private static @Nullable TlsSocketStrategy strategy(String scheme, TlsSocketStrategy tls) {
        return URIScheme.HTTPS.same(scheme) ? tls : null;
    }

    /** Closes the pool, unless it is to be done at once: the client is stopped without haste. */
    @Override
    public void close(CloseMode mode) {
        if (mode == CloseMode.IMMEDIATE) {
            closeIdle(TimeValue.ZERO_MILLISECONDS);
        } else {
            super.close(mode);
        }
    }
}
