package io.bactrian.quota;

import io.bactrian.testing.Postgres;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

final class PostgresQuotaStoreTest extends QuotaStoreContract {
    private static Postgres server;

    @BeforeAll
    static void start() {
        server = Postgres.start();
    }

    @Override
    QuotaStore connect() {
        return new PostgresQuotaStore(server.url());
    }

    @AfterAll
    static void stop() {
        server.close();
    }
}
