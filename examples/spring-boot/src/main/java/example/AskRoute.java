package example;

import io.bactrian.api.AllProvidersFailedException;
import io.bactrian.api.ChatHeaders;
import io.bactrian.api.RequestRejectedException;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.springframework.stereotype.Component;

/** POST /ask: the words of the answer to a text. */
@Component
public class AskRoute extends RouteBuilder {
    @Override
    public void configure() {
        // The body is the error document.
        onException(AllProvidersFailedException.class, RequestRejectedException.class)
                .handled(true)
                .setHeader(Exchange.HTTP_RESPONSE_CODE, header(ChatHeaders.STATUS));

        from("platform-http:/ask?httpMethodRestrict=POST")
                .routeId("ask")
                .convertBodyTo(String.class)
                .removeHeaders("*")
                .to("direct:chat")
                .unmarshal()
                .json()
                .setBody(simple("${body[choices][0][message][content]}\n"))
                .setHeader(Exchange.CONTENT_TYPE, constant("text/plain; charset=utf-8"));
    }
}
