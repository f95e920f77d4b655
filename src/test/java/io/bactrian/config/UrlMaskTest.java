package io.bactrian.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Masks in URLs. */
final class UrlMaskTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "GET https://h/x?key=abc&n=1 failed | GET https://h/x?key=***&n=1 failed",
                "https://user:pw@h:80/x | https://***@h:80/x",
                "tcp://h:1?jms.userName=u&jms.password=p | tcp://h:1?jms.userName=u&jms.password=***",
                "jdbc:h2:./data/x;USER=sa;PASSWORD=p | jdbc:h2:./data/x;USER=sa;PASSWORD=***",
                "jdbc:postgresql://h/d?user=u&password=p%20q | jdbc:postgresql://h/d?user=u&password=***",
                "no bean at slack:#x?webhookUrl=https://hooks/T0/B0 | no bean at slack:#x?webhookUrl=***",
                "GET /v1/models?key=sk-1 HTTP/1.1 | GET /v1/models?key=*** HTTP/1.1",
                "https://h/x?s=AbCdEfGh12 | https://h/x?s=***",
                "curl -X POST 'http://127.0.0.1:1/demo/p/fault?kind=503' | curl -X POST 'http://127.0.0.1:1/demo/p/fault?kind=503'",
                "a;b/c?x=1?key=2&n=3 | a;b/c?x=1?key=***&n=3",
                "url=https://h/x?key=1;token=2 (s) | url=https://h/x?key=***;token=*** (s)",
                "12:30? a=b; c:?pass=word | 12:30? a=b; c:?pass=word",
                "chain=default attempts=`p/m=OK` ms=6 | chain=default attempts=`p/m=OK` ms=6",
                "bactrian.chains.a = p/m; q/n | bactrian.chains.a = p/m; q/n",
            })
    void only_what_may_be_secret_is_masked(String text, String masked) {
        assertThat(UrlMask.of(text)).isEqualTo(masked);
    }

    /** A caller names models, whose names stand in the line of its request. */
    @ParameterizedTest
    @ValueSource(strings = {"/", "a:", "a-", "/;", "/?a=", "/?", "?key", "/x?key", "://", "a?b=1234567"})
    void its_time_grows_with_the_length_of_the_text_only(String part) {
        String text = "chain=p" + part.repeat(40_000 / part.length()) + "? x=y";
        long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();

        String masked = UrlMask.of(text);

        Duration spent = Duration.ofNanos(ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before);
        assertThat(masked).startsWith("chain=p");
        assertThat(spent).isLessThan(Duration.ofSeconds(1));
    }
}
