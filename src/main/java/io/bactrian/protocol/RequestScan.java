package io.bactrian.protocol;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A single pass over a request's bytes: finds the top-level fields, checks that the whole is JSON, and has the protocol's fields
 * read. A tree of each request would cost more than everything else on the way to a provider of the same protocol. Stateless.
 */
final class RequestScan {

    /** A top-level field: the range of bytes from the opening quote of its name to the end of its value. */
    record Field(String name, int start, int end) {}

    private RequestScan() {}

    /**
     * Reads a request.
     *
     * @param json the makers of parsers, whose bounds hold
     * @return its top-level fields in their order
     * @throws RequestRejected if it is not a JSON object, or not a request
     */
    static List<Field> read(byte[] body, RequestFields fields, JsonFactory json) {
        if (body.length > 1 && (body[0] == 0 || body[1] == 0 || (body[0] & 0xFE) == 0xFE)) {
            throw RequestRejected.invalid(null, "The request body must be JSON in UTF-8.");
        }
        List<Field> found;
        try (JsonParser parser = json.createParser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw RequestRejected.invalid(null, "The request body must be a JSON object.");
            }
            found = object(parser, fields);
            if (parser.nextToken() != null) {
                throw RequestRejected.invalid(
                        null, "The request body must be one JSON object, with nothing behind it.");
            }
        } catch (StreamConstraintsException e) {
            throw RequestRejected.tooComplex(
                    json.streamReadConstraints(), e.getOriginalMessage().contains("nesting"));
        } catch (JacksonException e) {
            throw RequestRejected.invalid(null, "The request body is not valid JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw RequestRejected.invalid(null, "The request body cannot be read.");
        }
        fields.finish();
        return found;
    }

    private static List<Field> object(JsonParser parser, RequestFields fields) throws IOException {
        List<Field> found = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            int start = (int) parser.currentTokenLocation().getByteOffset();
            if (!seen.add(name)) {
                throw RequestRejected.invalid(name, "The field '" + name + "' is there twice.");
            }
            fields.read(parser, name, parser.nextToken());
            parser.skipChildren();
            parser.finishToken();
            int end = (int) parser.currentLocation().getByteOffset();
            found.add(new Field(name, start, end));
        }
        return found;
    }
}
