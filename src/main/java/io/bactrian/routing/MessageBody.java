package io.bactrian.routing;

import com.fasterxml.jackson.core.TreeNode;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.protocol.openai.ChatCompletions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UnsupportedEncodingException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.TypeConversionException;
import org.jspecify.annotations.Nullable;

/**
 * The body of a message as a Chat Completions request: a JSON object as it is, any other text as one user message. Takes whatever
 * Camel's type converters turn into bytes, such as files, streams and texts, and objects that Jackson can write. Stateless.
 */
final class MessageBody {
    private MessageBody() {}

    /**
     * The bytes of the request.
     *
     * @throws RequestRejected if there is no body, or none that can be read
     */
    static byte[] read(Exchange exchange) {
        Object body = exchange.getMessage().getBody();
        if (body == null) {
            throw RequestRejected.invalid(null, "The message has no body.");
        }
        byte[] bytes = withoutMark(bytes(exchange, body));
        if (isObject(bytes)) {
            return bytes;
        }
        return ChatCompletions.question(text(bytes));
    }

    private static byte[] bytes(Exchange exchange, Object body) {
        try {
            return switch (body) {
                case byte[] bytes -> inUtf8(exchange, bytes);
                case String text -> text.getBytes(StandardCharsets.UTF_8);
                case InputStream in -> inUtf8(exchange, in.readAllBytes());
                case Map<?, ?> map -> Json.bytes(map);
                case TreeNode tree -> Json.bytes(tree);
                case Collection<?> list -> Json.bytes(list);
                default -> converted(exchange, body);
            };
        } catch (IOException | RuntimeException e) {
            throw RequestRejected.invalid(
                    null, "The message body of type " + body.getClass().getName() + " cannot be read.");
        }
    }

    private static byte[] converted(Exchange exchange, Object body) throws IOException {
        byte @Nullable [] bytes = null;
        try {
            bytes = exchange.getContext().getTypeConverter().tryConvertTo(byte[].class, exchange, body);
        } catch (TypeConversionException e) {
            // Jackson may be able to write it.
        }
        return bytes != null ? inUtf8(exchange, bytes) : Json.bytes(body);
    }

    /** Files and HTTP requests may say that they are in another charset. */
    private static byte[] inUtf8(Exchange exchange, byte[] bytes) throws UnsupportedEncodingException {
        String charset = exchange.getProperty(ExchangePropertyKey.CHARSET_NAME, String.class);
        return charset == null ? bytes : new String(bytes, charset).getBytes(StandardCharsets.UTF_8);
    }

    /** Editors on Windows begin files with a byte order mark. */
    private static byte[] withoutMark(byte[] bytes) {
        boolean marked =
                bytes.length >= 3 && bytes[0] == (byte) 0xEF && bytes[1] == (byte) 0xBB && bytes[2] == (byte) 0xBF;
        return marked ? Arrays.copyOfRange(bytes, 3, bytes.length) : bytes;
    }

    private static boolean isObject(byte[] bytes) {
        for (byte b : bytes) {
            if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
                return b == '{';
            }
        }
        return false;
    }

    private static String text(byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            if (!text.isBlank()) {
                return text;
            }
        } catch (CharacterCodingException e) {
            throw RequestRejected.invalid(null, "The message body is neither JSON nor text in UTF-8.");
        }
        throw RequestRejected.invalid(null, "The message body is empty.");
    }
}
