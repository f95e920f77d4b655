package io.bactrian.protocol.openai;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonParser.NumberType;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.FinishFailures;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Usage;
import io.bactrian.protocol.translation.CallPiece;
import io.bactrian.protocol.translation.FinishReasons;
import io.bactrian.protocol.translation.Usages;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A chunk of a Chat Completions stream, which is also the canonical form of a chunk. Not thread-safe. */
public final class ChatChunk extends AnswerChunk {
    /** The data of the last event of a stream, which is not JSON. */
    static final byte[] END_MARK = {'[', 'D', 'O', 'N', 'E', ']'};

    private static final String FINISH = "finish_reason";
    /** The field of OpenAI with random letters. */
    static final String PADDING = "obfuscation";

    private static final List<String> HEAD = List.of("id", "object", "created", "model", "system_fingerprint");

    private boolean role;
    private boolean deviates;
    private int lastIndex = -1;
    private boolean odd;
    private boolean listed;
    private boolean otherForm;
    private @Nullable CallPiece piece;
    /** Where the last content that is a text stands in the bytes, with its quotes; its end is 0 if it is not known. */
    private int textStart;

    private int textEnd;
    /** Where the padding stands that hides the length of the text, behind the end if there is none. */
    private int padStart;

    private int padEnd;

    private ChatChunk(byte[] json) {
        super(json);
        padStart = json.length;
        padEnd = json.length;
    }

    /** Whether another chunk has the same bytes but for its last content that is a text, and its padding. */
    boolean differsInTextOnly(ChatChunk other) {
        byte[] mine = json();
        byte[] others = other.json();
        return textEnd > 0
                && other.textEnd > 0
                && padStart >= textEnd
                && other.padStart >= other.textEnd
                && Arrays.equals(mine, 0, textStart, others, 0, other.textStart)
                && Arrays.equals(mine, textEnd, padStart, others, other.textEnd, other.padStart)
                && Arrays.equals(mine, padEnd, mine.length, others, other.padEnd, others.length);
    }

    /** Whether content or tool calls in it may have another form than the one that official libraries read. */
    boolean isOdd() {
        return odd;
    }

    /** The piece of a tool call in it, if it has one in the official form; null if it has none, several or another form. */
    @Nullable
    CallPiece piece() {
        return odd ? null : piece;
    }

    /** Whether the data of an event marks the end of the stream; some servers of other protocols send it as well. */
    public static boolean isEndMark(byte[] data) {
        return Arrays.equals(data, END_MARK);
    }

    /** Reads a chunk; null if the bytes are not JSON. */
    public static @Nullable ChatChunk read(byte[] json) {
        ChatChunk chunk = scan(json);
        // The data of an event may span several lines, but not in what is written to the caller.
        return chunk == null || !hasSeveralLines(json) ? chunk : scan(Json.bytes(chunk.tree()));
    }

    /** A chunk made by the gateway. */
    public static ChatChunk of(ObjectNode tree) {
        ChatChunk chunk = scan(Json.bytes(tree));
        if (chunk == null) {
            throw new IllegalStateException("a chunk that cannot be read");
        }
        chunk.tree(tree);
        return chunk;
    }

    /** The chunks of a whole answer, with the usage. */
    public static List<ChatChunk> split(ObjectNode document) {
        return ChatSplitter.chunks(document, true).stream().map(ChatChunk::of).toList();
    }

    /** A chunk with the usage of another, in the place of a stream's usage, and nothing else. */
    public static ChatChunk usageOf(AnswerChunk chunk) {
        JsonNode tree = chunk.tree();
        ObjectNode last = Json.MAPPER.createObjectNode();
        for (String field : HEAD) {
            if (tree.has(field)) {
                last.set(field, tree.get(field));
            }
        }
        last.putArray("choices");
        last.set("usage", Usages.inChat(tree));
        return of(last);
    }

    /** Whether a chunk has the usage where a stream has it: at the top. */
    public static boolean hasUsageAtTop(AnswerChunk chunk) {
        return chunk.hasCounts() && Usages.counts(chunk.tree().path("usage"));
    }

    /** The chunk without the usage at its top. */
    public static ChatChunk withoutUsage(AnswerChunk chunk) {
        ObjectNode tree = chunk.tree().deepCopy();
        tree.remove("usage");
        return of(tree);
    }

    private static @Nullable ChatChunk scan(byte[] json) {
        try (JsonParser parser = Json.parser(json)) {
            ChatChunk chunk = new ChatChunk(json);
            JsonToken first = parser.nextToken();
            if (first == JsonToken.START_OBJECT) {
                chunk.object = true;
                top(chunk, parser);
            } else {
                chunk.mayBeError = true;
                parser.skipChildren();
            }
            return first == null || parser.nextToken() != null ? null : chunk;
        } catch (IOException e) {
            Json.notRead(e);
            return null;
        }
    }

    @Override
    public boolean isCanonical() {
        return true;
    }

    @Override
    public @Nullable Usage usage() {
        return counts ? Usage.of(Usages.inChat(tree())) : null;
    }

    @Override
    public @Nullable AnswerChunk withoutReason() {
        if (!words && !tools && !role) {
            return null;
        }
        ObjectNode tree = tree().deepCopy();
        tree.remove("usage");
        tree.path("choices").forEach(choice -> {
            if (choice instanceof ObjectNode part) {
                part.putNull(FINISH).remove("usage");
            }
        });
        return of(tree);
    }

    @Override
    public List<AnswerChunk> finishes() {
        if (choices().size() == 1 && !words && !tools && !role) {
            return List.of(this);
        }
        List<AnswerChunk> ends = new ArrayList<>();
        for (JsonNode choice : tree().path("choices")) {
            if (choice instanceof ObjectNode part
                    && !FinishFailures.reason(part.path(FINISH)).isEmpty()) {
                ObjectNode end = tree().deepCopy();
                ObjectNode ended = part.deepCopy();
                ended.putObject("delta");
                // Belongs to the words.
                ended.remove("logprobs");
                end.putArray("choices").add(ended);
                ends.add(of(end));
            }
        }
        return ends;
    }

    /** The index of its last choice as it was sent; negative if it is missing or no number. */
    int lastIndex() {
        return lastIndex;
    }

    /** Whether it deviates from the protocol in a way that can be put right. */
    boolean deviates() {
        return deviates;
    }

    /** Whether it has a list of choices, be it empty. */
    boolean isListed() {
        return listed;
    }

    /** Whether it has the role of the answer. */
    boolean hasRole() {
        return role;
    }

    /** Whether it has content, be it in another form than a delta. */
    boolean hasContent() {
        return words || tools || otherForm;
    }

    private static void top(ChatChunk chunk, JsonParser parser) throws IOException {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (name) {
                case "choices" -> {
                    if (value == JsonToken.START_ARRAY) {
                        chunk.listed = true;
                        choices(chunk, parser);
                    } else {
                        parser.skipChildren();
                    }
                }
                case "usage", "x_groq", "message" -> {
                    chunk.counts |= value == JsonToken.START_OBJECT;
                    chunk.mayBeError |= name.equals("x_groq");
                    parser.skipChildren();
                }
                // The classifier looks at every chunk that could be an error.
                case "object" -> {
                    chunk.mayBeError |= !"chat.completion.chunk".equals(parser.getText());
                    parser.skipChildren();
                }
                case PADDING -> {
                    chunk.padStart = offset(parser.currentTokenLocation());
                    parser.finishToken();
                    parser.skipChildren();
                    chunk.padEnd = offset(parser.currentLocation());
                }
                case "error", "type", "detail", "statusCode" -> {
                    chunk.mayBeError |= value != JsonToken.VALUE_NULL;
                    parser.skipChildren();
                }
                default -> parser.skipChildren();
            }
        }
    }

    private static void choices(ChatChunk chunk, JsonParser parser) throws IOException {
        JsonToken token;
        while ((token = parser.nextToken()) != JsonToken.END_ARRAY) {
            if (token == JsonToken.START_OBJECT) {
                choice(chunk, parser);
            } else {
                parser.skipChildren();
            }
        }
    }

    private static void choice(ChatChunk chunk, JsonParser parser) throws IOException {
        int index = -1;
        String finish = "";
        boolean delta = false;
        boolean otherForm = false;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (name.equals("delta") && value == JsonToken.START_OBJECT) {
                delta = true;
                delta(chunk, parser);
            } else if (name.equals(FINISH) && value == JsonToken.VALUE_STRING) {
                finish = reason(chunk, parser.getText());
            } else if (name.equals("index") && value == JsonToken.VALUE_NUMBER_INT) {
                index = parser.getIntValue();
            } else {
                otherForm |= (name.equals("message") && value == JsonToken.START_OBJECT)
                        || (name.equals("text") && value == JsonToken.VALUE_STRING);
                chunk.counts |= name.equals("usage") && value == JsonToken.START_OBJECT;
                chunk.mayBeError |= name.equals("error") && value != JsonToken.VALUE_NULL;
                parser.skipChildren();
            }
        }
        chunk.otherForm |= otherForm;
        chunk.deviates |= index != 0 || otherForm || !delta;
        chunk.lastIndex = index;
        chunk.choice(Math.max(0, index), finish);
    }

    /** The reason, empty if the word in its place is none. */
    private static String reason(ChatChunk chunk, String word) {
        if (FinishReasons.isChat(word)) {
            return word;
        }
        chunk.deviates = true;
        return FinishFailures.reason(word);
    }

    private static void delta(ChatChunk chunk, JsonParser parser) throws IOException {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (name) {
                case "tool_calls" -> calls(chunk, parser, value);
                case "content" -> content(chunk, parser, value);
                case "reasoning_content", "reasoning" -> {
                    boolean said = says(parser, value);
                    chunk.words |= said;
                    chunk.thought |= said;
                    chunk.odd |= value.isStructStart();
                    parser.skipChildren();
                }
                case "refusal", "audio", "function_call", ContentParts.OTHERS -> {
                    boolean said = says(parser, value);
                    chunk.odd |= said && name.equals("function_call");
                    chunk.words |= said;
                    chunk.uncontinuable |= said;
                    parser.skipChildren();
                }
                case "role" -> {
                    chunk.role |= value == JsonToken.VALUE_STRING && parser.getTextLength() > 0;
                    parser.skipChildren();
                }
                case "usage" -> {
                    chunk.counts |= value == JsonToken.START_OBJECT;
                    parser.skipChildren();
                }
                default -> parser.skipChildren();
            }
        }
    }

    /** Reads the pieces of tool calls, which are a list in the official form. */
    private static void calls(ChatChunk chunk, JsonParser parser, JsonToken value) throws IOException {
        if (value == JsonToken.START_OBJECT) {
            CallPiece only = call(chunk, parser);
            chunk.tools = !only.name().isEmpty() || !only.text().isEmpty();
            chunk.odd = true;
            return;
        }
        if (value != JsonToken.START_ARRAY) {
            return;
        }
        JsonToken token;
        while ((token = parser.nextToken()) != JsonToken.END_ARRAY) {
            chunk.odd |= chunk.tools || token != JsonToken.START_OBJECT;
            chunk.tools = true;
            if (token == JsonToken.START_OBJECT) {
                chunk.piece = call(chunk, parser);
            } else {
                parser.skipChildren();
            }
        }
    }

    private static CallPiece call(ChatChunk chunk, JsonParser parser) throws IOException {
        int index = -1;
        String id = "";
        String type = "";
        String[] called = {"", ""};
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (name) {
                case "index" -> {
                    boolean number = value == JsonToken.VALUE_NUMBER_INT && parser.getNumberType() == NumberType.INT;
                    index = number ? parser.getIntValue() : -1;
                    parser.skipChildren();
                }
                case "id" -> id = text(chunk, parser, value);
                case "type" -> {
                    // Official libraries put null in the place of the type before it.
                    chunk.odd |= value == JsonToken.VALUE_NULL;
                    type = text(chunk, parser, value);
                }
                case "function" -> called(chunk, parser, value, "arguments", called);
                case "custom" -> {
                    type = CallPiece.CUSTOM;
                    called(chunk, parser, value, "input", called);
                }
                default -> {
                    // Some servers leave out the object around them.
                    chunk.odd |= name.equals("name") || name.equals("arguments");
                    parser.skipChildren();
                }
            }
        }
        return new CallPiece(index, id, type, called[0], called[1]);
    }

    /** Reads the function of a call: its name, and the piece of its arguments. */
    private static void called(ChatChunk chunk, JsonParser parser, JsonToken token, String pieces, String[] called)
            throws IOException {
        if (token != JsonToken.START_OBJECT) {
            chunk.odd |= token != JsonToken.VALUE_NULL;
            parser.skipChildren();
            return;
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (name.equals("name")) {
                called[0] = text(chunk, parser, value);
            } else if (name.equals(pieces)) {
                called[1] = text(chunk, parser, value);
            } else {
                parser.skipChildren();
            }
        }
    }

    /** The text of a field of a call, which in the official form is a text or null. */
    private static String text(ChatChunk chunk, JsonParser parser, JsonToken value) throws IOException {
        if (value == JsonToken.VALUE_STRING) {
            return parser.getText();
        }
        chunk.odd |= value != JsonToken.VALUE_NULL;
        parser.skipChildren();
        return "";
    }

    /** Reads text, or a list of parts as Mistral sends it. */
    private static void content(ChatChunk chunk, JsonParser parser, JsonToken value) throws IOException {
        if (value == JsonToken.VALUE_STRING) {
            chunk.textStart = offset(parser.currentTokenLocation());
            text(chunk, parser.getText());
            chunk.textEnd = offset(parser.currentLocation());
        } else if (value == JsonToken.START_ARRAY) {
            chunk.odd = true;
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                part(chunk, parser);
            }
        } else {
            boolean said = says(parser, value);
            chunk.words |= said;
            chunk.uncontinuable |= said;
            chunk.odd |= value != JsonToken.VALUE_NULL;
            parser.skipChildren();
        }
    }

    private static void part(ChatChunk chunk, JsonParser parser) throws IOException {
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
                chunk.uncontinuable = true;
            }
        }
    }

    /** The place of a parser in its bytes; 0 if it does not know, as where they are not UTF-8. */
    private static int offset(JsonLocation location) {
        return (int) Math.max(0, location.getByteOffset());
    }

    private static void text(ChatChunk chunk, String text) {
        chunk.words |= !text.isEmpty();
        chunk.text = chunk.text.isEmpty() ? text : chunk.text + text;
    }

    private static boolean says(JsonParser parser, JsonToken value) throws IOException {
        return value == JsonToken.VALUE_STRING ? parser.getTextLength() > 0 : value.isStructStart();
    }
}
