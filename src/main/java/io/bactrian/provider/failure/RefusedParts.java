package io.bactrian.provider.failure;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.policy.Failure;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.Capability;
import io.bactrian.protocol.Omissions;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The parts of a sent request that a provider's refusal names. What the refusal seems to name is looked up in the request: a name
 * that is no field of it names no part. Immutable.
 *
 * @param lasting the parts that the target never takes, and that can be left out or written in another form
 * @param once the parts whose value the target does not take, and that can be left out of this request
 * @param named true if the refusal names a part that this target does not take
 */
public record RefusedParts(Omissions lasting, Omissions once, boolean named) {
    /** Nothing that the request has. */
    public static final RefusedParts NONE = new RefusedParts(Omissions.NONE, Omissions.NONE, false);

    /** Named, but nothing can be done about it. */
    static final RefusedParts NEEDED = new RefusedParts(Omissions.NONE, Omissions.NONE, true);

    private static final Pattern BETA = Pattern.compile("\\bbetas?\\b");

    static RefusedParts lasting(Omissions omissions) {
        return new RefusedParts(omissions, Omissions.NONE, true);
    }

    static RefusedParts once(Omissions omissions) {
        return new RefusedParts(Omissions.NONE, omissions, true);
    }

    /**
     * The parts that a refusal names and that were not left out already.
     *
     * @param options the options with which the target was called
     * @param sent the body that was sent
     * @param headers the caller's headers that were passed on
     */
    public static RefusedParts of(CallOptions options, Failure failure, JsonNode sent, Map<String, String> headers) {
        String words = (failure.code() + " " + failure.param() + " " + OwnWords.withoutEchoes(failure.reason()))
                .toLowerCase(Locale.ROOT);
        RefusedParts found = find(words, failure, sent, headers);
        Omissions known = options.omissions();
        return new RefusedParts(
                known.contains(found.lasting) ? Omissions.NONE : found.lasting,
                known.contains(found.once) ? Omissions.NONE : found.once,
                found.named);
    }

    /** True if one of the lasting parts may be named only because the refusal quotes the caller. */
    public boolean mayBeQuoted(Failure failure, JsonNode sent) {
        return lasting.fields().stream()
                .anyMatch(field -> field.indexOf(':') < 0 && CallersWords.mayExplain(field, failure, sent));
    }

    private static RefusedParts find(String words, Failure failure, JsonNode sent, Map<String, String> headers) {
        Set<String> values = headerValues(words, headers);
        if (!values.isEmpty()) {
            return lasting(Omissions.of(values));
        }
        if (RefusedForms.wantReasoning(words) && sent.hasNonNull("thinking")) {
            return once(Omissions.of(Set.of("thinking")));
        }
        Capability form = RefusedForms.of(words, sent);
        if (form == Capability.FOREIGN_REASONING) {
            return once(Omissions.of(form));
        }
        return form == null ? RefusedFields.of(words, failure, sent) : lasting(Omissions.of(form));
    }

    /** The refused values of a header that the refusal names: those that it names, else all. */
    private static Set<String> headerValues(String words, Map<String, String> headers) {
        Set<String> refused = new LinkedHashSet<>();
        headers.forEach((name, value) -> {
            boolean beta = name.endsWith("-beta") && BETA.matcher(words).find() && RefusedFields.isRejection(words);
            if (!beta && !(words.contains(name) && name.endsWith("-beta"))) {
                return;
            }
            Set<String> all = Omissions.values(value);
            Set<String> named = new LinkedHashSet<>(all);
            named.removeIf(one -> !words.contains(one.toLowerCase(Locale.ROOT)));
            (named.isEmpty() ? all : named).forEach(one -> refused.add(Omissions.header(name, one)));
        });
        return refused;
    }
}
