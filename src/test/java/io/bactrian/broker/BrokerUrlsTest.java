package io.bactrian.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.qpid.jms.JmsConnectionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What URLs of brokers mean, and how they are told. */
final class BrokerUrlsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tcp://broker:61616?user=u&password=secret | tcp://broker:61616",
                "tcp://u:secret@broker:61616 | tcp://broker:61616",
                "(tcp://a:61616?x=secret,tcp://b:61616)?password=secret | tcp://a:61616, tcp://b:61616",
                "amqps://broker?jms.password=secret | amqps://broker",
                "failover:(amqp://u:secret@a:5672,amqp://b:5672)?jms.password=secret | amqp://a:5672, amqp://b:5672"
            })
    void a_url_is_told_without_its_secrets(String url, String told) {
        assertThat(BrokerUrls.told(url)).isEqualTo(told);
    }

    @ParameterizedTest
    @ValueSource(strings = {"amqp://b:5672", "amqps://b", "failover:(amqp://a,amqps://b)", "AMQP://b"})
    void amqp_is_known_by_its_schemes(String url) {
        assertThat(BrokerUrls.amqp(url)).isTrue();
        assertThat(BrokerUrls.core(url)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://b", "failover:(tcp://a:61616)", "b:61616", "nonsense", "://"})
    void anything_else_is_no_url_of_a_broker(String url) {
        assertThatThrownBy(() -> BrokerConnections.to(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("not the URL of a broker");
    }

    @Test
    void user_and_password_before_the_host_become_options() {
        assertThat(BrokerUrls.forCore("tcp://u:secret@b:61616?a=1"))
                .isEqualTo("tcp://b:61616?a=1&user=u&password=secret");
        assertThat(BrokerUrls.forCore("tcp://b:61616")).isEqualTo("tcp://b:61616");
        JmsConnectionFactory amqp = new JmsConnectionFactory(BrokerUrls.forAmqp("amqp://u:secret@b:5672"));
        assertThat(amqp.getUsername()).isEqualTo("u");
        assertThat(amqp.getPassword()).isEqualTo("secret");
    }

    @Test
    void an_amqp_client_fetches_nothing_in_advance_unless_the_url_says_so() {
        assertThat(BrokerUrls.forAmqp("amqp://b")).startsWith("amqp://b?jms.prefetchPolicy.all=0&");
        assertThat(BrokerUrls.forAmqp("amqp://b?jms.prefetchPolicy.all=9"))
                .startsWith("amqp://b?jms.prefetchPolicy.all=9&")
                .doesNotContain("all=0");
    }

    @Test
    void the_options_of_a_failover_url_stand_behind_its_list() {
        String url = BrokerUrls.forAmqp("failover:(amqp://a?amqp.idleTimeout=5000,amqp://b)?jms.username=u");

        assertThat(url)
                .startsWith(
                        "failover:(amqp://a?amqp.idleTimeout=5000,amqp://b)?jms.username=u&jms.prefetchPolicy.all=0&")
                .contains("failover.startupMaxReconnectAttempts=1");
        assertThat(new JmsConnectionFactory(url).getUsername()).isEqualTo("u");
    }
}
