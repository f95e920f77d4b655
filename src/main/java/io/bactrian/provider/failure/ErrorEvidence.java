package io.bactrian.provider.failure;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The input of the classification rules. Immutable.
 *
 * @param status the HTTP status if it is an error, else the one that the document names, else 0
 * @param own the provider's own text in lower case
 * @param all the same with the text that it quotes from a provider behind it
 */
record ErrorEvidence(int status, ErrorBody body, String own, String all) {

    /** "Limit 8000, Requested 32979": OpenAI and Groq, on limits per minute. */
    private static final Pattern REQUESTED =
            Pattern.compile("limit:? ([\\d,]{1,15})\\b.{0,60}?\\brequested:? ([\\d,]{1,15})\\b");

    private static final Pattern OUTPUT_FIELD = Pattern.compile("max(_completion|_output)?_tokens");
    private static final Pattern ABOVE =
            Pattern.compile("\\d > \\d|maximum|too large|at most|less than or equal|valid range|above");

    static ErrorEvidence of(int http, ErrorBody body) {
        String own = body.message().toLowerCase(Locale.ROOT);
        String all = own + " " + body.quoted().toLowerCase(Locale.ROOT);
        return new ErrorEvidence(http >= 400 ? http : body.status(), body, own, all);
    }

    boolean key(String key) {
        return body.keys().contains(key);
    }

    boolean key(Set<String> any) {
        return body.keys().stream().anyMatch(any::contains);
    }

    boolean keyStarts(String beginning) {
        return body.keys().stream().anyMatch(key -> key.startsWith(beginning));
    }

    boolean keyContains(String part) {
        return body.keys().stream().anyMatch(key -> key.contains(part));
    }

    boolean status(int... any) {
        for (int one : any) {
            if (status == one) {
                return true;
            }
        }
        return false;
    }

    /** True if the provider's own text contains one of the markers. */
    boolean ownTextHas(Set<String> any) {
        return any.stream().anyMatch(own::contains);
    }

    /** True if the provider's own text, or the text that it quotes, contains one of the markers. */
    boolean textHas(Set<String> any) {
        return any.stream().anyMatch(all::contains);
    }

    /** True if this single request exceeds the limit for a whole period. */
    boolean neverFits() {
        if (own.contains("request too large")) {
            return true;
        }
        Matcher numbers = REQUESTED.matcher(own);
        return numbers.find() && number(numbers.group(2)) > number(numbers.group(1));
    }

    /** True if the request asks for a longer answer than the model allows; another model may allow it. */
    boolean aboveOutputMaximum() {
        return OUTPUT_FIELD.matcher(all).find() && ABOVE.matcher(all).find();
    }

    /** True if this field is rejected without an error code. */
    boolean rejectsField(String param) {
        return body.code() == null && param.equals(body.param());
    }

    private static long number(String digits) {
        String plain = digits.replace(",", "");
        return plain.isEmpty() ? 0 : Long.parseLong(plain);
    }
}
