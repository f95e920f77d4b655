package io.bactrian.issues;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;

/** Camel's properties keep their entries where {@code forEach} does not look. So {@code EffectiveProperties} reads the entry set. */
final class OrderedPropertiesTest {

    @Test
    void for_each_sees_nothing() throws Exception {
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.getPropertiesComponent().setLocation("classpath:io/bactrian/application.properties");
            context.build();
            Properties properties = context.getPropertiesComponent().loadProperties();

            Map<Object, Object> seen = new HashMap<>();
            properties.forEach(seen::put);

            assertThat(properties.entrySet()).isNotEmpty();
            assertThat(seen).isEmpty();
        }
    }
}
