package io.bactrian.behaviour;

import io.bactrian.testing.Folders;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.StubProvider;
import io.bactrian.trace.Traces;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.ProducerTemplate;
import org.jspecify.annotations.Nullable;

/** A gateway with route files of a user beside those of the repository. For one thread. */
final class OwnRoutes implements AutoCloseable {
    private final Path directory;
    private @Nullable Gateway gateway;
    private @Nullable ProducerTemplate template;

    private OwnRoutes(Path directory) {
        this.directory = directory;
    }

    /** A folder with these lines as {@code application.properties} and the routes of the repository. */
    static OwnRoutes with(StubProvider p, StubProvider f, String... lines) {
        Map<String, StubProvider> providers = new LinkedHashMap<>();
        providers.put("p", p);
        providers.put("f", f);
        return with(providers, lines);
    }

    /** The same for any providers, in the order of the default chain. */
    static OwnRoutes with(Map<String, StubProvider> providers, String... lines) {
        try {
            Path directory = Folders.temporary("bactrian-own");
            List<String> all = new ArrayList<>(LiveGateway.lines(providers, lines));
            all.add("folder=" + directory);
            Files.write(directory.resolve("application.properties"), all);
            LiveGateway.copyRoutes(directory.resolve("routes"));
            return new OwnRoutes(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A route file, in place of one of that name if there is one; the folder of the gateway is {@code {{folder}}}. */
    OwnRoutes file(String name, String yaml) {
        try {
            Files.writeString(directory.resolve("routes").resolve(name), yaml);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    OwnRoutes start() {
        return start(new Traces());
    }

    OwnRoutes start(Traces traces) {
        gateway = Gateway.in(directory, LiveGateway.EVERY, traces);
        template = gateway.context().createProducerTemplate();
        return this;
    }

    Gateway gateway() {
        return Objects.requireNonNull(gateway);
    }

    CamelContext context() {
        return gateway().context();
    }

    Path directory() {
        return directory;
    }

    /** Sends a message to an endpoint, and waits for its end. */
    Exchange send(String endpoint, Object body) {
        return send(endpoint, exchange -> exchange.getMessage().setBody(body));
    }

    Exchange send(String endpoint, Processor message) {
        return Objects.requireNonNull(template).request(endpoint, message);
    }

    @Override
    public void close() {
        if (gateway != null) {
            gateway.close();
        }
    }
}
