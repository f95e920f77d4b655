package io.bactrian.provider;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.bactrian.chat.Asking;
import io.bactrian.chat.Lack;
import io.bactrian.config.Limits.Rescue;
import io.bactrian.config.Target;
import io.bactrian.fallback.Failure;
import io.bactrian.fallback.FailureClass;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What targets turned out not to take, so that they are asked without it from then on. Forgotten after a day: models learn.
 * Thread-safe.
 */
public final class Lacks {
    private static final Duration MEMORY = Duration.ofDays(1);
    /** Anthropic: "This model does not support assistant message prefill. The conversation must end with a user message." */
    private static final Pattern PREFILL =
            Pattern.compile("prefill|must end with|last (message|role)|final (message|role)|last turn");

    /** OpenAI: {@code string_above_max_length} at {@code messages[1].tool_calls[0].id}. */
    private static final Pattern IDS = Pattern.compile("tool[_ ]calls?(\\W{0,2}\\d+\\W{0,2})?[._ ]id\\b");

    private static final Pattern STREAM =
            Pattern.compile("\\bstream(ing)?\\b.{0,40}\\b(not|un\\w+|disabled|must be false)\\b"
                    + "|\\b(not|un\\w+)\\b.{0,40}\\bstream(ing)?\\b");
    private static final Pattern STRUCTURED = Pattern.compile("output_config|output_format|structured.output");
    private static final Pattern SAMPLING = Pattern.compile("temperature|top_p|sampling");

    /** Bounded, because callers may name models of their own. */
    private final Cache<String, Set<Lack>> known =
            Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(MEMORY).build();

    /** What this target is asked without. */
    public Set<Lack> of(Target target) {
        Set<Lack> lacks = known.getIfPresent(target.key());
        return lacks == null ? Set.of() : lacks;
    }

    /**
     * Learns from a refusal.
     *
     * @param asking how the target had been asked
     * @return what it refused and can be asked without; null if that is not what it was
     */
    public @Nullable Lack learn(Target target, Asking asking, Failure failure) {
        boolean refused = failure.status() >= 400
                && failure.status() < 500
                && (failure.type() == FailureClass.UNSUPPORTED || failure.type() == FailureClass.INVALID_REQUEST);
        Lack lack = refused ? behind(asking, failure) : null;
        if (lack == null || !asking.negotiable().contains(lack) || !asking.with(lack)) {
            return null;
        }
        known.asMap().merge(target.key(), Set.of(lack), Lacks::both);
        return lack;
    }

    private static Set<Lack> both(Set<Lack> known, Set<Lack> more) {
        EnumSet<Lack> both = EnumSet.copyOf(known);
        both.addAll(more);
        return Set.copyOf(both);
    }

    private static @Nullable Lack behind(Asking asking, Failure failure) {
        String param = failure.param() == null ? "" : failure.param().toLowerCase(Locale.ROOT);
        String words = param + " " + failure.code() + " " + failure.reason().toLowerCase(Locale.ROOT);
        if (asking.rescue() == Rescue.PREFILL && PREFILL.matcher(words).find()) {
            return Lack.PREFILL;
        }
        if (IDS.matcher(words).find()) {
            return words.contains("length of 9") ? Lack.LONG_IDS : Lack.FOREIGN_IDS;
        }
        if (words.contains("stream_options") || words.contains("include_usage")) {
            return asking.stream() ? Lack.STREAM_OPTIONS : null;
        }
        if (param.endsWith("stream") || STREAM.matcher(words).find()) {
            return asking.stream() ? Lack.STREAMING : null;
        }
        if (STRUCTURED.matcher(words).find()) {
            return Lack.STRUCTURED_OUTPUT;
        }
        if (SAMPLING.matcher(words).find()) {
            return Lack.SAMPLING;
        }
        if (words.contains("reasoning_effort")) {
            boolean tools = asking.negotiable().contains(Lack.TOOLS_WITH_EFFORT);
            return tools && asking.with(Lack.TOOLS_WITH_EFFORT) ? Lack.TOOLS_WITH_EFFORT : Lack.EFFORT;
        }
        return null;
    }
}
