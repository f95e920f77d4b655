package io.bactrian.quota;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLParameters;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import redis.clients.jedis.Connection;
import redis.clients.jedis.ConnectionPool;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.util.JedisURIHelper;

/** A quota store in Redis, or a server that speaks its protocol and runs its scripts: keys {@code bactrian:limits:…}. Thread-safe. */
final class RedisQuotaStore implements QuotaStore {
    private static final String PREFIX = "bactrian:limits:";
    private static final byte[] ONE_KEY = ascii("1");

    private static final String TIME = " local t = redis.call('time') t = t[1] * 1000 + math.floor(t[2] / 1000)";

    /** Returns the state, and the time in milliseconds. */
    private static final byte[] READ = ascii("local s = redis.call('get', KEYS[1])" + TIME + " return {s, t}");

    /**
     * Replaces the state (argument 1, empty if there is none) by argument 2 for as many milliseconds as argument 3 says. Returns 1 if
     * it did, the time, and the state that there was.
     */
    private static final byte[] REPLACE = ascii("local s = redis.call('get', KEYS[1]) local made = 0"
            + " if (s or '') == ARGV[1] then redis.call('set', KEYS[1], ARGV[2], 'px', ARGV[3]) made = 1 end"
            + TIME + " return {made, t, s}");

    private static final int CONNECTIONS = 8;
    private static final int TIMEOUT_MILLIS = 2_000;
    private static final Duration IDLE = Duration.ofMinutes(1);

    private final ConnectionPool pool;

    /** @param url {@code redis://user:password@host:port/database}, or {@code rediss://} for TLS; all but the host may be missing */
    RedisQuotaStore(String url) {
        URI uri = URI.create(url);
        // Otherwise a certificate of any other host would do, and its owner would get the password.
        SSLParameters named = new SSLParameters();
        named.setEndpointIdentificationAlgorithm("HTTPS");
        DefaultJedisClientConfig config = DefaultJedisClientConfig.builder()
                .connectionTimeoutMillis(TIMEOUT_MILLIS)
                .socketTimeoutMillis(TIMEOUT_MILLIS)
                .user(JedisURIHelper.getUser(uri))
                .password(JedisURIHelper.getPassword(uri))
                .database(database(uri))
                .ssl(JedisURIHelper.isRedisSSLScheme(uri))
                .sslParameters(named)
                .build();
        GenericObjectPoolConfig<Connection> connections = new GenericObjectPoolConfig<>();
        connections.setMaxTotal(CONNECTIONS);
        connections.setMaxIdle(CONNECTIONS);
        connections.setJmxEnabled(false);
        // Servers and firewalls drop those that are idle, and the next question would find out.
        connections.setMinEvictableIdleDuration(IDLE);
        connections.setTimeBetweenEvictionRuns(IDLE.dividedBy(2));
        connections.setNumTestsPerEvictionRun(CONNECTIONS);
        this.pool = new ConnectionPool(address(uri), config, connections);
    }

    static HostAndPort address(URI uri) {
        return new HostAndPort(uri.getHost(), uri.getPort() < 0 ? Protocol.DEFAULT_PORT : uri.getPort());
    }

    static int database(URI uri) {
        String number = uri.getPath().replace("/", "");
        return number.isEmpty() ? Protocol.DEFAULT_DATABASE : Integer.parseInt(number);
    }

    @Override
    public void open() {
        // Those that broke when it went away.
        pool.clear();
        read("");
    }

    @Override
    public State read(String key) {
        List<?> reply = (List<?>) eval(READ, ONE_KEY, key(key));
        return new State((byte[]) reply.get(0), (Long) reply.get(1));
    }

    @Override
    public Change replace(String key, State expected, byte[] bytes, long fullIn) {
        byte[] old = expected.bytes();
        List<?> reply = (List<?>)
                eval(REPLACE, ONE_KEY, key(key), old == null ? new byte[0] : old, bytes, ascii(Long.toString(fullIn)));
        boolean made = reply.get(0).equals(1L);
        return new Change(made, new State(made ? bytes : (byte[]) reply.get(2), (Long) reply.get(1)));
    }

    private Object eval(byte[]... arguments) {
        try (Connection connection = pool.getResource()) {
            connection.sendCommand(Protocol.Command.EVAL, arguments);
            return connection.getOne();
        }
    }

    private static byte[] key(String key) {
        return (PREFIX + key).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void sweep() {
        // It forgets them by itself.
    }

    @Override
    public void close() {
        pool.close();
    }
}
