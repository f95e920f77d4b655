package io.bactrian.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RedisUrlTest {
    @ParameterizedTest
    @CsvSource({
        "redis://localhost, localhost, 6379, 0",
        "redis://localhost/, localhost, 6379, 0",
        "rediss://u:p@example.com:6380/2, example.com, 6380, 2",
        "redis://:p@example.com/3/, example.com, 6379, 3"
    })
    void what_a_url_does_not_say_is_as_redis_has_it(String url, String host, int port, int database) {
        URI uri = URI.create(url);
        assertThat(RedisQuotaStore.address(uri).getHost()).isEqualTo(host);
        assertThat(RedisQuotaStore.address(uri).getPort()).isEqualTo(port);
        assertThat(RedisQuotaStore.database(uri)).isEqualTo(database);
    }
}
