package io.bactrian.protocol.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.Json;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads what the gateway wants to know of an OpenAI chunk, in one pass over its bytes. Stateless. */
public final class ChatChunkScan {
    private ChatChunkScan() {}

    /** @return null if the bytes are not JSON */
    static @Nullable public AnswerChunk scan(AnswerChunk chunk) {
        try (JsonParser parser = Json.MAPPER.getFactory().createParser(chunk.json())) {
            JsonToken first = parser.nextToken();
            if (first == JsonToken.START_OBJECT) {
                chunk.object = true;
                top(chunk, parser);
            } else {
                chunk.strange = true;
                parser.skipChildren();
            }
            return first == null || parser.nextToken() != null ? null : chunk;
        } catch (IOException e) {
            return null;
        }
    }

    private static void top(AnswerChunk chunk, JsonParser parser) throws IOException {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (name) {
                case "choices" -> {
                    if (value == JsonToken.START_ARRAY) {
                        choices(chunk, parser);
                    } else {
                        parser.skipChildren();
                    }
                }
                case "usage", "x_groq" -> {
                    chunk.usage |= value == JsonToken.START_OBJECT;
                    chunk.strange |= name.equals("x_groq");
                    parser.skipChildren();
                }
                // What could be an error is looked at closely.
                case "object" -> {
                    chunk.strange |= !"chat.completion.chunk".equals(parser.getText());
                    parser.skipChildren();
                }
                case "error", "type", "detail", "statusCode" -> {
                    chunk.strange |= value != JsonToken.VALUE_NULL;
                    parser.skipChildren();
                }
                default -> parser.skipChildren();
            }
        }
    }

    private static void choices(AnswerChunk chunk, JsonParser parser) throws IOException {
        JsonToken token;
        while ((token = parser.nextToken()) != JsonToken.END_ARRAY) {
            if (token == JsonToken.START_OBJECT) {
                choice(chunk, parser);
            } else {
                parser.skipChildren();
            }
        }
    }

    private static void choice(AnswerChunk chunk, JsonParser parser) throws IOException {
        int index = 0;
        String finish = "";
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (name.equals("delta") && value == JsonToken.START_OBJECT) {
                delta(chunk, parser);
            } else if (name.equals("finish_reason") && value == JsonToken.VALUE_STRING) {
                finish = parser.getText();
            } else if (name.equals("index") && value == JsonToken.VALUE_NUMBER_INT) {
                index = parser.getIntValue();
            } else {
                chunk.strange |= name.equals("error") && value != JsonToken.VALUE_NULL;
                parser.skipChildren();
            }
        }
        chunk.choice(index, finish);
    }

    private static void delta(AnswerChunk chunk, JsonParser parser) throws IOException {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (name) {
                case "tool_calls" -> {
                    if (value == JsonToken.START_ARRAY) {
                        while (parser.nextToken() != JsonToken.END_ARRAY) {
                            chunk.tools = true;
                            parser.skipChildren();
                        }
                    } else {
                        parser.skipChildren();
                    }
                }
                case "content" -> content(chunk, parser, value);
                case "reasoning_content", "reasoning" -> {
                    boolean said = says(parser, value);
                    chunk.words |= said;
                    chunk.thought |= said;
                    parser.skipChildren();
                }
                case "refusal", "audio", "function_call" -> {
                    boolean said = says(parser, value);
                    chunk.words |= said;
                    chunk.otherWords |= said;
                    parser.skipChildren();
                }
                default -> parser.skipChildren();
            }
        }
    }

    /** Text, or a list of parts as Mistral has it. */
    private static void content(AnswerChunk chunk, JsonParser parser, JsonToken value) throws IOException {
        if (value == JsonToken.VALUE_STRING) {
            text(chunk, parser.getText());
        } else if (value == JsonToken.START_ARRAY) {
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                part(chunk, parser);
            }
        } else {
            boolean said = says(parser, value);
            chunk.words |= said;
            chunk.otherWords |= said;
            parser.skipChildren();
        }
    }

    private static void part(AnswerChunk chunk, JsonParser parser) throws IOException {
        String type = "";
        String text = "";
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (name.equals("type") && value == JsonToken.VALUE_STRING) {
                    type = parser.getText();
                } else if (name.equals("text") && value == JsonToken.VALUE_STRING) {
                    text = parser.getText();
                } else {
                    parser.skipChildren();
                }
            }
        } else {
            parser.skipChildren();
        }
        switch (type) {
            case "text" -> text(chunk, text);
            case "thinking" -> {
                chunk.words = true;
                chunk.thought = true;
            }
            default -> {
                chunk.words = true;
                chunk.otherWords = true;
            }
        }
    }

    private static void text(AnswerChunk chunk, String text) {
        chunk.words |= !text.isEmpty();
        chunk.text = chunk.text.isEmpty() ? text : chunk.text + text;
    }

    private static boolean says(JsonParser parser, JsonToken value) throws IOException {
        return value == JsonToken.VALUE_STRING ? parser.getTextLength() > 0 : value.isStructStart();
    }
}
