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

    /** What is wrong with the form of an id, rather than with the call it should belong to. */
    private static final Pattern FORM =
            Pattern.compile("too long|max(imum)?[_ ]length|above_max|at most|pattern|characters|must be a-z|length of");

    /** Mistral: "Tool call id was abc but must be a-z, A-Z, 0-9, with a length of 9." */
    private static final Pattern NINE = Pattern.compile("length of 9\\b|\\b9 (characters|letters|alphanumeric)");

    /** The words of those who do not know a field, or do not want it at all. */
    private static final String REFUSAL = "unsupported|(not|n't)( yet| currently)?"
        + " (support|permitted|allowed|available"
        + "|accepted|implemented|recogni[sz]ed|compatible)|unrecogni[sz]ed|unknown|unexpected\\b|extra_forbidden|disabled|deprecated|no"
        + " longer|must be (false|verified)|only the default|supported values";

    private static final Pattern REFUSED = Pattern.compile(REFUSAL);

    /** A place in what the caller wrote: whatever words stand there are the caller's. */
    private static final Pattern CALLERS_WORDS =
            Pattern.compile("\\b(messages|system|tools|input|prompt)[.\\[]{1,2}\\d");

    /** A sentence between quotation marks that is no value of a JSON document. */
    private static final Pattern QUOTED = Pattern.compile("(?<!\":\\s?)\"(?:[^\"\\s]*\\s){3,}[^\"]*\"");

    private static final List<Field> FIELDS = List.of(
            new Field(
                    Capability.STREAM_OPTIONS,
                    "stream_options(\\.include_usage)?",
                    "stream_options(?![.\\[]\\w)|include_usage"),
            new Field(Capability.STREAMING, "stream", "stream(ing|ed)?(?![.\\[]\\w)"),
            new Field(
                    Capability.STRUCTURED_OUTPUT,
                    "output_(config|format)\\b.*",
                    "output_config|output[_ ]format|structured[ _-]outputs?"),
            new Field(Capability.SAMPLING, "temperature|top_p", "temperature|top_p|sampling"),
            new Field(Capability.EFFORT, "reasoning_effort|reasoning\\.effort", "reasoning_effort|reasoning effort"));

    private RefusedCapability() {}

    /**
     * The capability behind a refusal.
     *
     * @param options how the target had been asked
     * @return null if the refusal is about something else
     */
    public static @Nullable Capability of(CallOptions options, Failure failure) {
        String place = place(failure);
        String words = (failure.code() + " " + failure.reason()).toLowerCase(Locale.ROOT);
        if (options.rescue() == Rescue.PREFILL && PREFILL.matcher(words).find()) {
            return Capability.PREFILL;
        }
        String all = place + " " + words;
        if (IDS.matcher(all).find() && FORM.matcher(all).find()) {
            return NINE.matcher(all).find() ? Capability.LONG_IDS : Capability.FOREIGN_IDS;
        }
        if (CALLERS_WORDS.matcher(all).find()) {
            return null;
        }
        String own = QUOTED.matcher(words).replaceAll(" ");
        for (Field field : FIELDS) {
            if (field.isRefused(place, own, failure.type() == FailureClass.UNSUPPORTED)) {
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

    /** The field that the provider blames, empty if it names none. */
    private static String place(Failure failure) {
        String param = failure.param() == null ? "" : failure.param().toLowerCase(Locale.ROOT);
        return param.startsWith("body.") ? param.substring("body.".length()) : param;
    }

    /**
     * A field of the request, and how to tell that it is refused as such. Where a provider names the field it blames, that
     * counts; else its words do, if they speak of the field and of a refusal in one breath.
     */
    private static final class Field {
        private final Capability capability;
        private final Pattern place;
        private final Pattern words;

        Field(Capability capability, String place, String name) {
            this.capability = capability;
            this.place = Pattern.compile(place);
            this.words = Pattern.compile(
                    "\\b(" + name + ")\\b.{0,60}?(" + REFUSAL + ")|(" + REFUSAL + ").{0,60}?\\b(" + name + ")\\b");
        }

        boolean isRefused(String blamed, String said, boolean unsupported) {
            return blamed.isEmpty()
                    ? words.matcher(said).find()
                    : place.matcher(blamed).matches()
                            && (unsupported || REFUSED.matcher(said).find());
        }
    }
}
