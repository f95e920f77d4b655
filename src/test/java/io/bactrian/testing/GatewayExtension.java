package io.bactrian.testing;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A JUnit extension that gives the tests of a class a gateway and stub providers. An integration test begins like this:
 *
 * <pre>{@code
 * @RegisterExtension
 * static final GatewayExtension gateway = GatewayExtension.with("bactrian.defaults.deadline=5s")
 *         .openai("a", "c").anthropic("b")      // stub providers by name; the chain "default" is all of them in this order
 *         .chains("race(a, b), c");
 *
 * @Test
 * void the_quicker_one_answers() {
 *     gateway.stub("a").answers(Reply.silence());
 *
 *     Answer answer = gateway.ask(Request.of(gateway.chain("race(a, b), c")).stream(true));
 *
 *     assertThat(answer.outcomes()).isEqualTo("a=CANCELLED, b=OK");
 * }
 * }</pre>
 *
 * <p>The gateway starts before the first test of the class and stops after the last one; in a field of the instance (not
 * static) every test has a gateway of its own. Before each test the stubs answer {@code Hello from the stub.} again and forget
 * what was asked. A request is made along new models with {@link #along}, which needs no declaration, or through a chain of
 * the test's own with {@link #chain}. What is asked through the extension is audited, see {@link Scene}; what tests ask for at
 * the same time goes to {@link #gateway()}, which audits nothing.
 */
public final class GatewayExtension extends Scene
        implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
    private boolean ofTheClass;

    private GatewayExtension() {}

    /** An extension for a gateway with these lines of configuration; a line may hold several. */
    public static GatewayExtension with(String... lines) {
        return new GatewayExtension().and(lines);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        ofTheClass = true;
        start();
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        if (!ofTheClass) {
            start();
        }
        beginTest();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (!ofTheClass) {
            close();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        close();
    }

    @Override
    public GatewayExtension and(String... more) {
        super.and(more);
        return this;
    }

    @Override
    public GatewayExtension openai(String... names) {
        super.openai(names);
        return this;
    }

    @Override
    public GatewayExtension anthropic(String... names) {
        super.anthropic(names);
        return this;
    }

    @Override
    public GatewayExtension shared(String stub, String name) {
        super.shared(stub, name);
        return this;
    }

    @Override
    public GatewayExtension modes(int spares) {
        super.modes(spares);
        return this;
    }

    @Override
    public GatewayExtension provider(String name, String baseUrl) {
        super.provider(name, baseUrl);
        return this;
    }

    @Override
    public GatewayExtension targets(String name, String provider, String... properties) {
        super.targets(name, provider, properties);
        return this;
    }

    @Override
    public GatewayExtension chains(String steps, String... options) {
        super.chains(steps, options);
        return this;
    }

    @Override
    public GatewayExtension traced(Spans to) {
        super.traced(to);
        return this;
    }

    @Override
    public GatewayExtension pool(int tests) {
        super.pool(tests);
        return this;
    }
}
