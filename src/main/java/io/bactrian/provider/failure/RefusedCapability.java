package io.bactrian.provider.failure;

import io.bactrian.config.Limits.Rescue;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.Capability;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A reader of refusals: finds the capability that a target lacks in the field or the words of its error, in any vendor's words.
 * Stateless.
 */
public final class RefusedCapability {
    /** Anthropic: "This model does not support assistant message prefill. The conversation must end with a user message." */
    private static final Pattern PREFILL =
            Pattern.compile("prefill|must end with|last (message|role)|final (message|role)|last turn");

    /** OpenAI: {@code string_above_max_length} at {@code messages[1].tool_calls[0].id}. */
    private static final Pattern IDS = Pattern.compile("tool[_ ]calls?(\\W{0,2}\\d+\\W{0,2})?[._ ]id\\b");

    /** Complaints about the form of an id, rather than about the call it should belong to. */
    private static final Pattern ID_FORM =
            Pattern.compile("too long|max(imum)?[_ ]length|above_max|at most|pattern|characters|must be a-z|length of");

    /** Mistral: "Tool call id was abc but must be a-z, A-Z, 0-9, with a length of 9." */
    private static final Pattern NINE_CHARACTERS =
            Pattern.compile("length of 9\\b|\\b9 (characters|letters|alphanumeric)");

    /** The words with which providers reject a field that they do not know or do not accept. */
    private static final String REJECTION = "unsupported|(not|n't)( yet| currently)?"
            + " (support|permitted|allowed|available"
            + "|accepted|implemented|recogni[sz]ed|compatible)|unrecogni[sz]ed|unknown|unexpected\\b|extra_forbidden|disabled|deprecated|no"
            + " longer|must be (false|verified)|only the default|supported values";

    private static final Pattern REJECTED = Pattern.compile(REJECTION);

    /** A place in the caller's content: words quoted from there are the caller's, not the provider's. */
    private static final Pattern IN_CONTENT = Pattern.compile("\\b(messages|system|tools|input|prompt)[.\\[]{1,2}\\d");

    /** A quoted sentence that is not a value of a JSON document. */
    private static final Pattern QUOTED = Pattern.compile("(?<!\":\\s?)\"(?:[^\"\\s]*\\s){3,}[^\"]*\"");

    /** The name where it is that of a field, not the stream of bytes. */
    private static final String STREAM_FIELD = "(?:['\"`]stream['\"`]|\\bstream"
            + " (?:parameter|param|option|field|argument|flag|mode|property)\\b"
            + "|\\b(?:parameter|param|option|field|argument|property|input|key|supplied)s?:?\\s*stream\\b"
            + "|\\bstream\\s*[=:]\\s*true|\\bbody\\.stream\\b|(?:^|^\\S+ |; )stream:)";

    private static final String STREAMING =
            "\\bstream(?:ing|ed (?:responses?|outputs?|answers?|completions?))\\b(?! \\w*"
                    + " ?(?:errors?|fail\\w*|ended)\\b)";

    private static final String NOT_TAKEN = "(?:unsupported|(?:not|n't)(?: yet| currently| be)?"
            + " (?:support|permitted|allowed|available|accepted|implemented|compatible|enabled)|disabled|deprecated|no"
            + " longer|must be (?:false|verified))";

    /** What stands between the two, without a word of a stream that broke. */
    private static final String BETWEEN = "(?:(?!\\b(?:errors?|exception|fail\\w*|clos\\w*|end\\w*|eof|interrupt\\w*"
            + "|broke\\w*|abort\\w*|because|since|while|during|read\\w*|cancel\\w*|terminat\\w*|timed|upstream"
            + "|chunks?|events?)\\b)(?:[^.;:,!]|\\.(?=\\S))){0,60}?";

    private static final Pattern NO_STREAMS =
            Pattern.compile(STREAM_FIELD + ".{0,60}?(?:" + REJECTION + ")|(?:" + REJECTION + ").{0,60}?" + STREAM_FIELD
                    + "|" + STREAMING + "(?::\\s*|" + BETWEEN + ")" + NOT_TAKEN
                    + "|" + NOT_TAKEN + BETWEEN + STREAMING
                    + "|(?<!\\b(?:the|event|data|response|request|input|byte) )\\bstream (?:is|was|must"
                    + " be|not|isn't)\\b(?: currently| yet| not)*"
                    + " (?:unsupported|supported|permitted|allowed|accepted|implemented|disabled|unknown|false)\\b|\\bverified"
                    + " to stream\\b|(?:not|n't) support stream\\b(?! (?:of|error|end))");

    /** The names of fields in the words of refusals. */
    static final String STREAM_NAMES = "stream\\w*";

    static final String OUTPUT_NAMES = "output_config|output[_ ]format|structured[ _-]outputs?";
    static final String SAMPLING_NAMES = "temperature|top_p|sampling";
    static final String EFFORT_NAMES = "reasoning_effort|reasoning effort";

    private static final List<Field> FIELDS = List.of(
            new Field(
                    Capability.STREAM_OPTIONS,
                    "stream_options(\\.include_usage)?",
                    "stream_options(?![.\\[]\\w)|include_usage"),
            new Field(Capability.STREAMING, "stream", STREAM_NAMES, NO_STREAMS),
            new Field(Capability.STRUCTURED_OUTPUT, "output_(config|format)\\b.*", OUTPUT_NAMES),
            new Field(Capability.SAMPLING, "temperature|top_p", SAMPLING_NAMES),
            new Field(Capability.EFFORT, "reasoning_effort|reasoning\\.effort", EFFORT_NAMES));

    private RefusedCapability() {}

    /**
     * The capability behind a refusal.
     *
     * @param options the options with which the target was called
     * @return null if the refusal is about something else
     */
    public static @Nullable Capability of(CallOptions options, Failure failure) {
        String place = place(failure);
        String words = (failure.code() + " " + failure.reason()).toLowerCase(Locale.ROOT);
        if (options.rescue() == Rescue.PREFILL && PREFILL.matcher(words).find()) {
            return Capability.PREFILL;
        }
        String all = place + " " + words;
        if (IDS.matcher(all).find() && ID_FORM.matcher(all).find()) {
            return NINE_CHARACTERS.matcher(all).find() ? Capability.LONG_IDS : Capability.FOREIGN_IDS;
        }
        if (IN_CONTENT.matcher(all).find()) {
            return null;
        }
        String own = QUOTED.matcher(OwnWords.withoutEchoes(words)).replaceAll(" ");
        String refusing = OwnWords.refusing(words);
        for (Field field : FIELDS) {
            if (field.isRejected(place, own, refusing, failure.type() == FailureClass.UNSUPPORTED)) {
                return ofField(field.capability, options);
            }
        }
        return null;
    }

    private static @Nullable Capability ofField(Capability capability, CallOptions options) {
        return switch (capability) {
            case STREAMING, STREAM_OPTIONS -> options.stream() ? capability : null;
            case EFFORT -> {
                boolean tools = options.negotiable().contains(Capability.TOOLS_WITH_EFFORT);
                yield tools && options.with(Capability.TOOLS_WITH_EFFORT)
                        ? Capability.TOOLS_WITH_EFFORT
                        : Capability.EFFORT;
            }
            default -> capability;
        };
    }

    /** The field that the provider names as the cause, in lower case; empty if it names none. */
    private static String place(Failure failure) {
        String param = failure.param() == null ? "" : failure.param().toLowerCase(Locale.ROOT);
        return param.startsWith("body.") ? param.substring("body.".length()) : param;
    }

    /**
     * A field of the request, with the patterns that recognize its rejection. If the provider names the field at fault, that
     * decides; otherwise its message does, if it has the field and a rejection close to each other.
     */
    private static final class Field {
        private final Capability capability;
        private final Pattern place;
        private final Pattern name;
        private final Pattern words;

        Field(Capability capability, String place, String name) {
            this(
                    capability,
                    place,
                    name,
                    Pattern.compile("\\b(" + name + ")\\b.{0,60}?(" + REJECTION + ")|(" + REJECTION + ").{0,60}?\\b("
                            + name + ")\\b"));
        }

        Field(Capability capability, String place, String name, Pattern words) {
            this.capability = capability;
            this.place = Pattern.compile(place);
            this.name = Pattern.compile("\\b(" + name + ")\\b");
            this.words = words;
        }

        boolean isRejected(String named, String message, String refusing, boolean unsupported) {
            return named.isEmpty()
                    ? words.matcher(message).find() && name.matcher(refusing).find()
                    : place.matcher(named).matches()
                            && (unsupported || REJECTED.matcher(message).find());
        }
    }
}
