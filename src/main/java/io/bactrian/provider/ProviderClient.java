package io.bactrian.provider;

import io.bactrian.config.Provider;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.apache.camel.Exchange;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.ChainElement;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.EndpointDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP client of one provider, as camel-http builds it: a connection pool of its own, no retries, redirects, cookies or
 * time limits but those of the {@link Attempt}. The provider's key is added as late as possible, so that no Camel message ever
 * holds it. Thread-safe.
 */
public final class ProviderClient implements HttpClientConfigurer, ExecChainHandler {
    /** The exchange property that holds the {@link Attempt}. */
    public static final String ATTEMPT = "bactrianAttempt";
    /** The context attribute in which camel-http keeps the exchange. */
    private static final String EXCHANGE = "org.apache.camel.Exchange";
    /** The size of a buffer in bytes. Events of streams are small, and each stream has two buffers. */
    private static final int BUFFER = 4096;

    /** Bytes of a header line, and of one behind a chunked body. */
    private static final int MAX_LINE_LENGTH = 32 << 10;

    private static final int MAX_HEADERS = 200;

    private static final Http1Config HTTP = Http1Config.custom()
            .setBufferSize(BUFFER)
            .setMaxLineLength(MAX_LINE_LENGTH)
            .setMaxHeaderCount(MAX_HEADERS)
            .build();

    /** Checks a connection each time before it is reused, see {@link CheckedConnection#isStale}. */
    private static final TimeValue ALWAYS = TimeValue.ZERO_MILLISECONDS;

    /** A call waits for a connection until its own limit cancels it. The pool takes a timeout of zero as no wait at all. */
    private static final Timeout UNTIL_CANCELLED = Timeout.ofDays(1);

    /** Connections beside those that callers have permits for, so that no probe takes one of theirs. */
    private static final int PROBES = 100;

    private static final LazyTls TLS = new LazyTls();
    private static final TimeValue IDLE = TimeValue.ofSeconds(50);

    private final Provider provider;
    private final PoolingHttpClientConnectionManager pool;

    public ProviderClient(Provider provider) {
        this.provider = provider;
        this.pool = new LastingPool(TLS, socket -> new CheckedConnection(HTTP));
        pool.setMaxTotal(provider.maxConnections() + PROBES);
        pool.setDefaultMaxPerRoute(provider.maxConnections() + PROBES);
        pool.setDefaultSocketConfig(SocketConfig.custom()
                .setTcpNoDelay(true)
                .setSoTimeout(Timeout.DISABLED)
                .build());
        pool.setDefaultConnectionConfig(ConnectionConfig.custom()
                .setSocketTimeout(Timeout.DISABLED)
                .setValidateAfterInactivity(ALWAYS)
                .build());
    }

    @Override
    public void configureHttpClient(HttpClientBuilder builder) {
        builder.setConnectionManager(pool)
                .setConnectionManagerShared(false)
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableContentCompression()
                .setUserAgent("bactrian")
                .evictIdleConnections(IDLE)
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectionRequestTimeout(UNTIL_CANCELLED)
                        .setResponseTimeout(Timeout.DISABLED)
                        .build())
                .addExecInterceptorFirst("bactrian", this)
                .addExecInterceptorBefore(ChainElement.CONNECT.name(), "connection", ProviderClient::connecting)
                .addExecInterceptorBefore(ChainElement.MAIN_TRANSPORT.name(), "sent", ProviderClient::sent);
        URI proxy = provider.proxy();
        if (proxy != null) {
            builder.setProxy(new HttpHost(proxy.getScheme(), proxy.getHost(), proxy.getPort()));
        }
    }

    @Override
    public ClassicHttpResponse execute(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        Attempt attempt = attempt(scope);
        if (attempt == null) {
            return chain.proceed(request, scope);
        }
        addHeadersAndQuery(request, attempt);
        scope.clientContext.setRequestConfig(limits(scope, attempt));
        try {
            attempt.bind((Cancellable) scope.originalRequest, scope.execRuntime::isEndpointAcquired);
            ClassicHttpResponse response = chain.proceed(request, scope);
            attempt.answered(response.getCode(), name -> {
                Header header = response.getFirstHeader(name);
                return header == null ? null : header.getValue();
            });
            return response;
        } catch (IOException | HttpException | RuntimeException e) {
            EndpointDetails connection = scope.clientContext.getEndpointDetails();
            boolean reused = connection != null && connection.getRequestCount() > 1;
            if (reused) {
                pool.closeIdle(TimeValue.ZERO_MILLISECONDS);
            }
            attempt.close(false);
            throw attempt.failed(e, reused);
        } catch (Error e) {
            attempt.close(false);
            throw new RuntimeCamelException(e);
        }
    }

    /**
     * Takes the connection, and begins the limit of time for opening one. Another kept one may be as stale as the one before, so it
     * is opened anew.
     */
    private static ClassicHttpResponse connecting(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        Attempt attempt = attempt(scope);
        if (attempt != null) {
            scope.execRuntime.acquireEndpoint(
                    scope.exchangeId, scope.route, scope.clientContext.getUserToken(), scope.clientContext);
            if (attempt.candidate().needsNewConnection()) {
                scope.execRuntime.disconnectEndpoint();
            }
            if (!scope.execRuntime.isEndpointConnected()) {
                attempt.connecting();
            }
        }
        return chain.proceed(request, scope);
    }

    /** Called when there is a connection and the request is about to be written. */
    private static ClassicHttpResponse sent(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        Attempt attempt = attempt(scope);
        if (attempt != null) {
            // A call that was cancelled while it waited for a connection must not reach the provider.
            attempt.connected();
            attempt.throwIfEnded();
            attempt.context().currentCall().sent();
        }
        return chain.proceed(request, scope);
    }

    /** Reads what the first TLS connection needs, before it is needed. */
    public static void prepareTls() {
        TLS.prepare();
    }

    private static @Nullable Attempt attempt(ExecChain.Scope scope) {
        return scope.clientContext.getAttribute(EXCHANGE) instanceof Exchange exchange
                        && exchange.getProperty(ATTEMPT) instanceof Attempt attempt
                ? attempt
                : null;
    }

    private static RequestConfig limits(ExecChain.Scope scope, Attempt attempt) {
        return RequestConfig.copy(scope.clientContext.getRequestConfigOrDefault())
                .setConnectTimeout(Timeout.of(attempt.candidate().limits().connectTimeout()))
                .build();
    }

    private void addHeadersAndQuery(ClassicHttpRequest request, Attempt attempt) {
        provider.headers().forEach(request::setHeader);
        if (!provider.query().isEmpty()) {
            StringBuilder path = new StringBuilder(request.getPath());
            provider.query().forEach((name, value) -> path.append(path.indexOf("?") < 0 ? '?' : '&')
                    .append(encode(name))
                    .append('=')
                    .append(encode(value)));
            request.setPath(path.toString());
        }
        String secret = attempt.tracked().key().secret();
        if (!secret.isEmpty()) {
            switch (provider.auth()) {
                case BEARER -> request.setHeader("Authorization", "Bearer " + secret);
                case X_API_KEY -> request.setHeader("x-api-key", secret);
                case API_KEY -> request.setHeader("api-key", secret);
                case NONE -> {}
            }
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
