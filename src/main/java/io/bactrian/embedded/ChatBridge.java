package io.bactrian.embedded;

import com.fasterxml.jackson.core.TreeNode;
import io.bactrian.routing.MessageHeaders;
import java.io.InputStream;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.TypeConversionException;
import org.jspecify.annotations.Nullable;

/**
 * The way from {@code direct:chat} of an application to that of the engine, and back: on the thread of the application's exchange, in
 * an exchange of the engine. An answer, an error document and an exception come back as if both were one context. Thread-safe.
 */
final class ChatBridge implements Processor {
    private final Endpoint chat;
    private final ProducerTemplate template;

    ChatBridge(CamelContext engine) {
        chat = engine.getEndpoint("direct:chat");
        template = engine.createProducerTemplate();
    }

    @Override
    public void process(Exchange asked) {
        Exchange inside = chat.createExchange(ExchangePattern.InOut);
        inside.getExchangeExtension().setFromEndpoint(asked.getFromEndpoint());
        inside.setProperty(ExchangePropertyKey.CHARSET_NAME, asked.getProperty(ExchangePropertyKey.CHARSET_NAME));
        Message in = inside.getMessage();
        in.setHeaders(new HashMap<>(asked.getMessage().getHeaders()));
        in.setBody(readable(asked));
        template.send(chat, inside);
        MessageHeaders.copy(inside.getMessage(), asked.getMessage());
        // The answer is in UTF-8, whatever the question was in.
        asked.removeProperty(ExchangePropertyKey.CHARSET_NAME);
        Exception failed = inside.getException();
        if (failed != null) {
            asked.setException(failed);
        }
    }

    /** The body, or its bytes where only the type converters of the application may know how to get them. */
    private static @Nullable Object readable(Exchange asked) {
        Object body = asked.getMessage().getBody();
        return switch (body) {
            case null -> null;
            case byte[] bytes -> bytes;
            case String text -> text;
            case InputStream stream -> stream;
            case Map<?, ?> map -> map;
            case Collection<?> list -> list;
            case TreeNode tree -> tree;
            default -> converted(asked, body);
        };
    }

    private static Object converted(Exchange asked, Object body) {
        try {
            byte[] bytes = asked.getContext().getTypeConverter().tryConvertTo(byte[].class, asked, body);
            return bytes == null ? body : bytes;
        } catch (TypeConversionException e) {
            return body;
        }
    }
}
