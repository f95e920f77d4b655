package io.bactrian.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PageEndpointTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8 | true",
                "text/html | true",
                "application/json, text/html;q=0.9 | false",
                "text/html;q=0.9, application/json;q=0.8 | true",
                "text/html;q=0 | false",
                "*/* | false",
                "application/json | false",
                "text/html;q=nonsense | true",
                "'' | false"
            })
    void browsers_get_the_page_and_all_others_json(String accept, boolean html) {
        assertThat(PageEndpoint.prefersHtml(accept)).isEqualTo(html);
    }
}
