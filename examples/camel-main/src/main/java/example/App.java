package example;

import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.main.Main;

/** Every file in questions/ is asked on the chain "cheap"; the words of its answer go to answers/, under the same name. */
public class App extends RouteBuilder {
    public static void main(String[] args) throws Exception {
        Main main = new Main();
        main.configure().addRoutesBuilder(new App());
        main.run(args);
    }

    @Override
    public void configure() {
        from("file:questions?moveFailed=../failed")
                .routeId("questions")
                .to("kamelet:llm-chat-action?chain=cheap")
                .unmarshal()
                .json()
                .setBody(simple("${body[choices][0][message][content]}"))
                .to("file:answers");
    }
}
