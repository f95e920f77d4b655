package io.bactrian.protocol.translation;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The meaning of a finish reason or stop reason. Vendors have many words for the same few things, in every case and with
 * prefixes such as {@code FinishReason.}; a word that is not listed is known by what it contains.
 */
public enum Ending {
    /** No reason: the answer goes on. */
    NONE,
    STOP,
    /** The limit of tokens that the request has set, or the model has. */
    LENGTH,
    /** The context window is full: a cut-off answer, or, with no answer at all, a prompt too long for the model. */
    WINDOW,
    TOOLS,
    /** The vendor's content policy. */
    FILTER,
    OVERLOAD,
    FAILURE,
    UNKNOWN;

    private static final int LONGEST = 200;

    private static final Map<String, Ending> WORDS = words();
    private static final Map<Ending, List<String>> PARTS = Map.of(
            FILTER,
            List.of(
                    "filter",
                    "safety",
                    "policy",
                    "moderat",
                    "prohibit",
                    "sensitive",
                    "refus",
                    "harm",
                    "toxic",
                    "guardrail",
                    "recitation",
                    "blocklist",
                    "blocked",
                    "violat"),
            OVERLOAD,
            List.of("overload", "capacity", "exhausted", "busy", "insufficient", "ratelimit"),
            FAILURE,
            List.of(
                    "error",
                    "fail",
                    "malformed",
                    "unexpected",
                    "invalid",
                    "abort",
                    "cancel",
                    "timeout",
                    "timedout",
                    "exception",
                    "interrupt",
                    "disconnect",
                    "crash",
                    "unavailable"),
            WINDOW,
            List.of("context"),
            LENGTH,
            List.of("maxtoken", "maxoutput", "maxnewtoken", "maxcompletion", "length", "tokenlimit", "truncat"),
            TOOLS,
            List.of("toolcall", "tooluse", "functioncall"),
            STOP,
            List.of("stopsequence", "stopword", "stoptoken", "endof", "eostoken"));
    private static final List<Ending> ORDER = List.of(FILTER, OVERLOAD, FAILURE, WINDOW, LENGTH, TOOLS, STOP);

    /** The meaning of a reason in any vendor's word. */
    public static Ending of(@Nullable String reason) {
        return switch (reason == null ? "" : reason) {
            case "" -> NONE;
            case "stop", "end_turn" -> STOP;
            case "length", "max_tokens" -> LENGTH;
            case "tool_calls", "tool_use" -> TOOLS;
            case "content_filter", "refusal" -> FILTER;
            default -> ofWord(letters(reason), reason);
        };
    }

    private static Ending ofWord(String word, @Nullable String reason) {
        if (word.isEmpty() && reason != null && !reason.isBlank()) {
            return UNKNOWN;
        }
        Ending known = WORDS.get(word);
        if (known != null) {
            return known;
        }
        for (Ending ending : ORDER) {
            for (String part : PARTS.getOrDefault(ending, List.of())) {
                if (word.contains(part)) {
                    return ending;
                }
            }
        }
        return UNKNOWN;
    }

    /** The letters of a word in lower case, without what stands before a point or colon, and without a prefix. */
    private static String letters(@Nullable String reason) {
        String whole = reason == null ? "" : reason.substring(0, Math.min(LONGEST, reason.length()));
        String word = whole.strip().toLowerCase(Locale.ROOT);
        int from = Math.max(word.lastIndexOf('.', word.length() - 2), word.lastIndexOf(':', word.length() - 2));
        StringBuilder letters = new StringBuilder();
        for (int i = from + 1; i < word.length(); i++) {
            char c = word.charAt(i);
            if (c >= 'a' && c <= 'z') {
                letters.append(c);
            }
        }
        String bare = letters.toString();
        for (String prefix : List.of("finishreason", "stopreason", "donereason")) {
            if (bare.startsWith(prefix)) {
                return bare.substring(prefix.length());
            }
        }
        return bare;
    }

    private static Map<String, Ending> words() {
        Map<String, Ending> words = new HashMap<>();
        add(words, NONE, "", "null", "none", "nil", "undefined", "unspecified", "inprogress");
        add(
                words,
                STOP,
                "stop",
                "stopped",
                "eos",
                "endturn",
                "endofturn",
                "end",
                "finish",
                "finished",
                "done",
                "normal");
        add(words, STOP, "complete", "completed", "success", "succeeded", "pauseturn", "eot", "eom");
        add(words, LENGTH, "limit", "stoplimit", "stoppedlimit", "incomplete", "modellength");
        add(words, TOOLS, "tool", "tools", "function", "functions");
        add(words, FILTER, "spii", "blocked", "blockedreason", "jailbreak", "risk");
        add(words, OVERLOAD, "preempted", "nocapacity");
        add(
                words,
                FAILURE,
                "other",
                "language",
                "toomanytoolcalls",
                "missingthoughtsignature",
                "noimage",
                "load",
                "unload");
        add(words, FAILURE, "killed", "evicted", "lost", "shutdown");
        return Map.copyOf(words);
    }

    private static void add(Map<String, Ending> words, Ending ending, String... all) {
        for (String word : all) {
            words.put(word, ending);
        }
    }
}
