package io.bactrian.provider.failure;

import java.util.regex.Pattern;

/**
 * The forms in which providers say that a prompt is too long for the model. Most of them have no code for it, and each has its own
 * sentences; the forms are a length that belongs to the context, a prompt or an input that is too long or exceeds something, tokens
 * that exceed something, and the advice to shorten the prompt. Limits of the answer and of the tokens per minute have similar words
 * and are not meant. Stateless.
 */
final class TooLong {

    /** A length of the model that holds prompt and answer; a negative max_tokens is the full window of vLLM. */
    private static final Pattern WINDOW = Pattern.compile("context[ -](length|window|size|limit)"
            + "|context_(length|window)_exceeded|\\bn_ctx\\b|\\bmax_model_len\\b|\\bmax_seq_len\\b"
            + "|max(imum)? (model|prompt|input|sequence)([ _-]token)?[ _-](length|len|tokens|size)"
            + "|max(imum)?( allowed)? context\\b|model token limit|range of input length"
            + "|max_tokens must be at least 1, got -");

    private static final String LONG =
            "(too long|too large|exceed(s|ed|ing)?|longer than|larger than|greater than|beyond|is over)\\b";

    /** The subject may have a few words or a number between itself and the verb, but no other sentence. */
    private static final Pattern PROMPT =
            Pattern.compile("\\b(prompts?|inputs?|conversation|history)\\b([^.;:\"]|\\.\\d){0,60}?\\b" + LONG);

    private static final Pattern TOKENS = Pattern.compile("\\btokens?\\b([^.;\"]|\\.\\d){0,80}?\\b" + LONG
            + "|\\b(exceed(s|ed|ing)?|too many|fewer than|longer than|more than)\\b([^.;\"]|\\.\\d){0,80}?\\btokens?\\b"
            + "|\\brequested\\b[^.;]{0,30}?\\d[\\d,]* tokens\\b.{0,100}?\\b(max(imum)?|limit|only|at most)\\b"
            + "|\\b(max(imum)?|limit|only|at most)\\b.{0,100}?\\brequested\\b[^.;]{0,30}?\\d[\\d,]* tokens\\b");

    private static final Pattern ADVICE = Pattern.compile("\\b(reduce|shorten|decrease|shorter|trim)\\b.{0,40}?"
            + "\\b(messages?|prompts?|inputs?|conversation|context|history)\\b"
            + "|reduce the length of");

    /** The size of all messages, in whatever unit. */
    private static final Pattern SIZE = Pattern.compile(
            "\\b(messages? (size|length)|(size|length) of (the |all |your )*messages?)\\b([^.;\"]|\\.\\d){0,60}?\\b"
                    + LONG);

    private static final Pattern MESSAGE = Pattern.compile(
            "\\bmessages?\\b(?![\\[.]\\w)[^.;:\"'`]{0,40}?\\b(is|are|was|were) (too long|too large|longer than)\\b");

    /** TGI and its hosts: "`inputs` tokens + `max_new_tokens` must be <= 4096", "`inputs` must have less than 4096 tokens". */
    private static final Pattern SUM = Pattern.compile(
            "\\binputs?\\b.{0,60}?\\b(must|should|cannot)\\b.{0,20}?(<=?|less than|at most|fewer than|under)");

    /** Something else that is too long or too large: a picture, a name, a field, or what is measured in characters. */
    private static final Pattern OTHER =
            Pattern.compile("\\b(images?|pictures?|audio|video|files?|pdf|documents?|pages?|bytes|mb|pixels"
                    + "|strings?|arrays?|items|schemas?|names?|ids?|stop|tools?|functions?|parameters?)\\b");

    private static final Pattern RATE =
            Pattern.compile("per[ -](second|minute|hour|day|month)|\\b(tp[md]|rp[md])\\b|rate[ -_]?limit|quota"
                    + "|\\bwait (before|and|for|until|a|\\d)|too many requests|throttl|slow down");

    /** Bedrock: "Too many tokens, please wait before trying again." */
    private static final Pattern WAIT = Pattern.compile(
            "\\btoo many (tokens|requests)\\b.{0,60}?\\b(wait|later|slow down|per (second|minute|hour|day))\\b"
                    + "|\\bthrottl(ed|ing)\\b|\\brate limits? (was |is |has been )?(reached|exceeded|hit)\\b"
                    + "|\\bexceed(s|ed)?\\b.{0,60}?\\b(requests|tokens) per (second|minute|hour|day)\\b");

    private static final Pattern OF_THE_ANSWER =
            Pattern.compile("max(_completion|_output|_new)?_tokens|\\b(output|completion|generated) tokens\\b");

    private static final Pattern OF_THE_PROMPT =
            Pattern.compile("\\b(prompts?|inputs?|messages|conversation|context)\\b");

    private TooLong() {}

    /** True if the words, in lower case, name the length that the prompt does not fit in. */
    static boolean namesWindow(String words) {
        return !RATE.matcher(words).find()
                && (WINDOW.matcher(words).find() || SUM.matcher(words).find());
    }

    /** True if the words, in lower case, of an error that blames the request say that the prompt is too long. */
    static boolean isMeantBy(String words) {
        if (RATE.matcher(words).find()) {
            return false;
        }
        if (namesWindow(words) || SIZE.matcher(words).find()) {
            return true;
        }
        if (OTHER.matcher(words).find()) {
            return false;
        }
        if (OF_THE_ANSWER.matcher(words).find() && !OF_THE_PROMPT.matcher(words).find()) {
            return false;
        }
        return PROMPT.matcher(words).find()
                || MESSAGE.matcher(words).find()
                || TOKENS.matcher(words).find()
                || ADVICE.matcher(words).find();
    }

    /** True if the words, in lower case, say that there were too many calls, and not that this one is too long. */
    static boolean isOfTheRate(String words) {
        return WAIT.matcher(words).find();
    }
}
