package io.bactrian.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
                "chain=default attempts=`p/m=OK` ms=6 | chain=default attempts=`p/m=OK` ms=6",
                "bactrian.chains.a = p/m; q/n | bactrian.chains.a = p/m; q/n",
            })
    void only_what_may_be_secret_is_masked(String text, String masked) {
        assertThat(UrlMask.of(text)).isEqualTo(masked);
    }
}
