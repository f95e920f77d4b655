package io.bactrian.quota;

import io.bactrian.testing.Redis;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Runs where a Redis server is installed. */
final class RedisQuotaStoreTest extends QuotaStoreContract {
    private static Redis server;

    @BeforeAll
    static void start() {
        server = Redis.start();
    }

    @Override
    QuotaStore connect() {
        return new RedisQuotaStore(server.url());
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }
}
