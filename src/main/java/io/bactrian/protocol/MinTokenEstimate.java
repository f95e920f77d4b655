package io.bactrian.protocol;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.bactrian.protocol.RequestScan.Field;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * A low estimate of a prompt's tokens: no tokenizer in use makes fewer tokens of ordinary text, code or JSON. It counts words,
 * because no token spans two words, while the characters per token differ by language and style. Only texts count, because each
 * provider renders the rest in its own way. Used once. Not thread-safe.
 */
final class MinTokenEstimate {
    /** Text in East Asian scripts has no spaces; three of its characters are hardly ever one token. */
    private static final int WIDE_CHARACTERS_PER_TOKEN = 3;

    /** The first code point of East Asian scripts and emoji. */
    private static final int WIDE = 0x2E80;

    private static final int WIDE_SPACE = 0x3000;

    /** Words up to this length may be one token. */
    private static final int MAX_WORD_LENGTH = 20;

    /** A longer text that is nothing but base64 is not part of the prompt. */
    private static final int MAX_ENCODED_LENGTH = 256;

    /** A character of a word. */
    private static final byte LETTER = 1;

    /** A character that base64 does not have. */
    private static final byte SIGN = 2;

    private static final byte BLANK = 4;

    /** The kinds of the ASCII characters. */
    private static final byte[] KINDS = kinds();

    private static final byte[] DATA_URL = "data:".getBytes(US_ASCII);
    private static final byte[] ID = "id".getBytes(US_ASCII);

    private final byte[] body;
    private final byte[][] silentFields;
    private int at;
    private long thirds;

    private MinTokenEstimate(byte[] body, Set<String> silentFields) {
        this.body = body;
        this.silentFields =
                silentFields.stream().map(name -> name.getBytes(US_ASCII)).toArray(byte[][]::new);
    }

    private static byte[] kinds() {
        byte[] kinds = new byte[0x80];
        for (int c = 0; c < kinds.length; c++) {
            kinds[c] = Character.isLetterOrDigit(c) ? LETTER : "+/=-_".indexOf(c) >= 0 ? 0 : SIGN;
        }
        Arrays.fill(kinds, 0, ' ' + 1, (byte) (SIGN | BLANK));
        return kinds;
    }

    /** The upper limit of the estimate for a body: two words have a character between them. */
    static int most(byte[] body) {
        return body.length / 2;
    }

    /**
     * The estimate for a body that is known to be JSON.
     *
     * @param promptFields the top-level fields whose texts are the prompt
     * @param silentFields the fields inside them whose texts are not counted, beside those whose names end with {@code id}
     */
    static int of(byte[] body, List<Field> fields, Set<String> promptFields, Set<String> silentFields) {
        MinTokenEstimate tokens = new MinTokenEstimate(body, silentFields);
        for (Field field : fields) {
            if (promptFields.contains(field.name())) {
                tokens.field(field);
            }
        }
        return (int) (tokens.thirds / WIDE_CHARACTERS_PER_TOKEN);
    }

    private void field(Field field) {
        boolean silent = false;
        at = field.start();
        while (at < field.end()) {
            int start = at + 1;
            if (body[at++] != '"') {
                continue;
            }
            int text = text();
            int end = at++;
            if (isName(field.end())) {
                silent = isSilent(start, end);
            } else if (!silent) {
                thirds += text;
            }
        }
    }

    /** The weight of the text that begins here, in thirds of a token; stops at its closing quote. */
    private int text() {
        int start = at;
        int here = start;
        int sum = 0;
        int word = 0;
        int kinds = 0;
        for (int b = body[here]; b != '"'; b = body[here]) {
            int c = b;
            if (b < 0 || b == '\\') {
                at = here;
                c = next();
                here = at;
            } else {
                here++;
            }
            int kind = c < KINDS.length ? KINDS[c] : isLetter(c) ? LETTER | SIGN : SIGN;
            kinds |= kind;
            if ((kind & LETTER) != 0) {
                sum += word++ % MAX_WORD_LENGTH == 0 ? WIDE_CHARACTERS_PER_TOKEN : 0;
            } else if (!isApostrophe(c)) {
                word = 0;
                sum += c < WIDE ? 0 : wide(c);
            }
        }
        at = here;
        boolean data = (kinds & BLANK) == 0 && startsWith(DATA_URL, start);
        boolean coded = (kinds & SIGN) == 0 && here - start > MAX_ENCODED_LENGTH;
        return data || coded ? 0 : sum;
    }

    /** Whether a character beyond ASCII is part of a word: not punctuation and not of a script without spaces. */
    private static boolean isLetter(int c) {
        return c >= 0xC0 && c < 0x2000;
    }

    private static boolean isApostrophe(int c) {
        return c == '\'' || c == '\u2019';
    }

    private static int wide(int c) {
        return c == WIDE_SPACE || (c <= Character.MAX_VALUE && Character.isLowSurrogate((char) c)) ? 0 : 1;
    }

    /** The next code point; a blank for a control character, and one half of a character written as two escapes. */
    private int next() {
        int b = body[at++];
        if (b == '\\') {
            return escaped();
        }
        if (b >= 0) {
            return b;
        }
        int more = b >= (byte) 0xF0 ? 3 : b >= (byte) 0xE0 ? 2 : 1;
        int c = b & (0x3F >> more);
        for (int i = 0; i < more; i++) {
            c = c << 6 | body[at++] & 0x3F;
        }
        return c;
    }

    private int escaped() {
        int b = body[at++];
        if (b == 'u') {
            int c = 0;
            for (int i = 0; i < 4; i++) {
                c = c << 4 | Character.digit(body[at++], 16);
            }
            return c;
        }
        return b == '"' || b == '\\' || b == '/' ? b : ' ';
    }

    /** Whether the text just read is a field's name. */
    private boolean isName(int end) {
        while (at < end && body[at] <= ' ' && body[at] >= 0) {
            at++;
        }
        return at < end && body[at] == ':';
    }

    private boolean isSilent(int start, int end) {
        if (end - start >= ID.length && startsWith(ID, end - ID.length)) {
            return true;
        }
        for (byte[] name : silentFields) {
            if (end - start == name.length && startsWith(name, start)) {
                return true;
            }
        }
        return false;
    }

    private boolean startsWith(byte[] prefix, int start) {
        int end = start + prefix.length;
        return end <= body.length && Arrays.equals(body, start, end, prefix, 0, prefix.length);
    }
}
