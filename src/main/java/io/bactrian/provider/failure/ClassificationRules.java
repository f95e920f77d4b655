package io.bactrian.provider.failure;

import static io.bactrian.policy.FailureClass.AUTHENTICATION;
import static io.bactrian.policy.FailureClass.CANCELLED;
import static io.bactrian.policy.FailureClass.CONTENT_POLICY;
import static io.bactrian.policy.FailureClass.CONTEXT_LENGTH;
import static io.bactrian.policy.FailureClass.INVALID_REQUEST;
import static io.bactrian.policy.FailureClass.INVALID_RESPONSE;
import static io.bactrian.policy.FailureClass.MODEL_UNAVAILABLE;
import static io.bactrian.policy.FailureClass.OVERLOADED;
import static io.bactrian.policy.FailureClass.QUOTA_EXHAUSTED;
import static io.bactrian.policy.FailureClass.RATE_LIMITED;
import static io.bactrian.policy.FailureClass.SERVER_ERROR;
import static io.bactrian.policy.FailureClass.TIMEOUT;
import static io.bactrian.policy.FailureClass.UNSUPPORTED;

import io.bactrian.policy.Failure.Concern;
import io.bactrian.policy.FailureClass;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The classification table: the first rule that matches names the class. Keys count before words, and words before the
 * status, because the same status can mean opposite things: a 429 may be an exhausted account (OpenAI), a 400 a bad key
 * (Gemini), a 402 a short wait (OpenRouter), a 403 a missing model (OpenAI). Stateless.
 */
final class ClassificationRules {

    /** Anthropic sends these as 400 {@code invalid_request_error} without a code. */
    private static final Set<String> BILLING_WORDS =
            Set.of("credit balance is too low", "specified api usage limits", "specified workspace api usage limits");

    private static final Set<String> POLICY_WORDS = Set.of("content filtering policy", "content management policy");

    private static final Set<String> CAPACITY_WORDS = Set.of("over capacity");

    /** Thought signatures are Gemini's, reasoning content is DeepSeek's: histories from other providers have none. */
    private static final Set<String> UNSUPPORTED_WORDS = Set.of(
            "unsupported",
            "not supported",
            "does not support",
            "not permitted",
            "thought_signature",
            "reasoning_content");

    /** OpenRouter: "You requested up to 65536 tokens, but can only afford 412": a smaller request can be paid. */
    private static final Pattern TOO_DEAR =
            Pattern.compile("afford|requested up to \\d|(fewer|lower|smaller|reduce\\w*)"
                    + " (your |the )?(max_|output |completion |prompt )?tokens|prompt tokens limit exceeded"
                    + "|this request\\b.{0,40}\\b(requires|needs|costs|(would|may) (cost|exceed))\\b"
                    + "|(estimated|expected|maximum) (cost|price)\\b");

    /** "File file_1 not found": what the request refers to is not there, but the model is. */
    private static final Pattern SOMETHING_ELSE = Pattern.compile(
            "\\b(files?|file_id|images?|containers?|vector"
                    + " stores?|skills?|uploads?|attachments?|assistants?|threads?|conversations?|batch(es)?|previous"
                    + " (response|message)|tool_?(call|use)s?|prompt templates?|cached? contents?|image_urls?|mcp servers?)\\b");

    private static final Pattern MODEL_OR_PATH =
            Pattern.compile("\\b(models?|deployments?|engines?|endpoints?|routes?|paths?)\\b|/v\\d");

    private static final Pattern OF_THE_KEY = Pattern.compile("\\b(api[ _-]?keys?|accounts?|organi[sz]ations?|tokens?"
            + "|credentials?|subscriptions?|projects?|ip(?: address)?|countr(?:y|ies)|regions?|territor(?:y|ies))\\b.{0,60}?"
            + "\\b(invalid|expired|revoked|disabled|deactivated|suspended|banned|blocked|leaked|deleted|terminated"
            + "|unsupported|not (supported|valid|active|activated|enabled))\\b|\\b(invalid|expired|revoked|disabled"
            + "|unsupported) (api[ _-]?key|token|credential|country|region)");

    static final List<Rule> TABLE = List.of(
            new Rule("R1", it -> it.key("openrouter_in_flight_budget"), RATE_LIMITED),
            Rule.ofTheRequest("R2 too dear", ClassificationRules::isTooDear, QUOTA_EXHAUSTED),
            new Rule("R2", it -> it.key(ErrorKeys.QUOTA) || it.status(402), QUOTA_EXHAUSTED),
            new Rule("R2 family", it -> it.keyContains("_spend_limit_"), QUOTA_EXHAUSTED),
            new Rule("R2 per day", it -> it.keyContains("perday"), QUOTA_EXHAUSTED), // Gemini's quotaId
            new Rule("R2 words", it -> it.ownTextHas(BILLING_WORDS), QUOTA_EXHAUSTED),
            new Rule("R3", it -> it.status(413), CONTEXT_LENGTH),
            new Rule("R3 never fits", it -> tooFast(it) && it.neverFits(), CONTEXT_LENGTH),
            new Rule("R4", it -> it.key(ErrorKeys.CONTEXT), CONTEXT_LENGTH),
            new Rule("R4 words", ClassificationRules::isTooLong, CONTEXT_LENGTH),
            new Rule("R5", it -> it.key(ErrorKeys.POLICY), CONTENT_POLICY),
            new Rule("R5 moderated", it -> it.status(403) && it.key("metadata.reasons"), CONTENT_POLICY),
            new Rule("R5 words", it -> it.textHas(POLICY_WORDS), CONTENT_POLICY),
            Rule.ofTheRequest("R6", it -> it.key(ErrorKeys.BAD_OUTPUT), INVALID_RESPONSE),
            Rule.certain("R7 not the model", it -> it.key(ErrorKeys.NOT_THE_MODEL)),
            Rule.ofTheRequest("R7 something else", ClassificationRules::isOfSomethingElse, INVALID_REQUEST),
            new Rule("R7", it -> it.key(ErrorKeys.MODEL) || it.status(404, 410), MODEL_UNAVAILABLE),
            new Rule("R8", it -> it.key(ErrorKeys.KEY) || it.status(401, 407) || isOfTheKey(it), AUTHENTICATION),
            Rule.ofTheModel("R8 permission", it -> it.key(ErrorKeys.PERMISSION) || it.status(403), AUTHENTICATION),
            new Rule("R9 customer's key store", it -> it.keyStarts("cmek_"), SERVER_ERROR),
            new Rule("R9", it -> it.key(ErrorKeys.OVERLOAD) || it.status(498, 503, 529), OVERLOADED),
            new Rule("R9 words", it -> it.ownTextHas(CAPACITY_WORDS), OVERLOADED),
            new Rule("R10", it -> it.key(ErrorKeys.RATE) || it.status(429), RATE_LIMITED),
            new Rule("R10 words", it -> it.status(0, 400, 422) && TooLong.isOfTheRate(it.own()), RATE_LIMITED),
            new Rule("R11", it -> it.key(ErrorKeys.TIMEOUT) || it.status(408, 504, 522, 524), TIMEOUT),
            new Rule("R12", it -> it.status(499), CANCELLED),
            new Rule("R13", it -> it.key(ErrorKeys.SERVER) || it.status(409, 425) || it.status() >= 500, SERVER_ERROR),
            Rule.certain("R14 caller", it -> it.key(ErrorKeys.CALLER)),
            Rule.certain("R14 caller family", ClassificationRules::ofCallerFamily),
            new Rule("R14 unsupported", it -> it.key(ErrorKeys.UNSUPPORTED), UNSUPPORTED),
            // OpenAI from gpt-5.4: tools together with reasoning, code null, whatever the caller sent
            new Rule("R14 effort", it -> it.rejectsField("reasoning_effort"), UNSUPPORTED),
            new Rule("R14 words", it -> it.textHas(UNSUPPORTED_WORDS) || it.aboveOutputMaximum(), UNSUPPORTED),
            new Rule("R14", it -> it.key(ErrorKeys.REQUEST) || it.status(400, 422, 424), INVALID_REQUEST));

    private ClassificationRules() {}

    /** The first rule that matches; null if none does. */
    static @Nullable Rule decide(ErrorEvidence evidence) {
        for (Rule rule : TABLE) {
            if (rule.test().test(evidence)) {
                return rule;
            }
        }
        return null;
    }

    private static boolean isTooDear(ErrorEvidence it) {
        return (it.status(402) || it.key(ErrorKeys.QUOTA))
                && TOO_DEAR.matcher(it.own()).find();
    }

    /** A 404 about a file or the like that the request names. */
    private static boolean isOfSomethingElse(ErrorEvidence it) {
        boolean named = it.key(ErrorKeys.MODEL)
                && !it.key("not_found_error")
                && !it.key("notfounderror")
                && !it.key("not_found");
        return !named
                && (it.status(404, 410) || it.key(ErrorKeys.MODEL))
                && SOMETHING_ELSE.matcher(it.own()).find()
                && !MODEL_OR_PATH.matcher(it.own()).find();
    }

    /** A 403 that is not about one model but about the key, or whose it is. */
    private static boolean isOfTheKey(ErrorEvidence it) {
        return it.status(403)
                && OF_THE_KEY.matcher(it.own()).find()
                && !it.own().contains("model");
    }

    private static boolean tooFast(ErrorEvidence it) {
        return it.status(429) || (it.status() == 0 && it.key(ErrorKeys.RATE));
    }

    /** Older llama.cpp and vLLM report a prompt that is too long with a 500. */
    private static boolean isTooLong(ErrorEvidence it) {
        return it.status(500)
                ? TooLong.namesWindow(it.all())
                : it.status(0, 400, 422) && !it.key("string_above_max_length") && TooLong.isMeantBy(it.all());
    }

    private static boolean ofCallerFamily(ErrorEvidence it) {
        return ErrorKeys.CALLER_FAMILIES.stream().anyMatch(it::keyStarts);
    }

    /**
     * One rule of the table.
     *
     * @param certain true if a request to which it applies is invalid at every target
     * @param concern what a failure to which it applies says something of
     */
    record Rule(String name, Predicate<ErrorEvidence> test, FailureClass type, boolean certain, Concern concern) {
        Rule(String name, Predicate<ErrorEvidence> test, FailureClass type) {
            this(name, test, type, false, Concern.USUAL);
        }

        static Rule certain(String name, Predicate<ErrorEvidence> test) {
            return new Rule(name, test, INVALID_REQUEST, true, Concern.USUAL);
        }

        static Rule ofTheModel(String name, Predicate<ErrorEvidence> test, FailureClass type) {
            return new Rule(name, test, type, false, Concern.MODEL);
        }

        static Rule ofTheRequest(String name, Predicate<ErrorEvidence> test, FailureClass type) {
            return new Rule(name, test, type, false, Concern.REQUEST);
        }
    }
}
