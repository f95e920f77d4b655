package io.bactrian.routing;

import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;

/** The end of an exchange, whatever its outcome: what has to be given back or counted then. Stateless. */
public final class ExchangeEnd {
    private ExchangeEnd() {}

    /** Has something done once the exchange is at its end. The last one to ask comes first. */
    public static void then(Exchange exchange, Consumer<Exchange> work) {
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                work.accept(done);
            }
        });
    }
}
