package io.bactrian.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A mask for what may be secret in the URLs of a text: user and password, and the values of parameters. Stateless. */
public final class UrlMask {
    private static final String MASK = "***";
    private static final Pattern USER = Pattern.compile("://[^/@\\s?]*@");
    /** A URL or URI up to its parameters, which also H2's URLs have, behind semicolons. */
    private static final Pattern PARAMETERS = Pattern.compile(
            "(\\b[a-zA-Z][a-zA-Z0-9+.-]*:[^\\s?;'\"<>]+|/[^\\s?;'\"<>]*)([?;][^\\s'\"<>]*=[^\\s'\"<>]*)");
    /** Short values, such as {@code kind=503}, are masked only if the name says that they are secret. */
    private static final Pattern VALUE = Pattern.compile(
            "([?&;](?:[^=&;]*(?i:key|secret|token|sig|pass|auth|code|pwd|credential)[^=&;]*=)(?=[^&;])|[?&;][^=&;]+=(?=[^&;]{8}))[^&;]+");

    private UrlMask() {}

    /** The text with the masks. */
    public static String of(String text) {
        if (text.indexOf('=') < 0 && text.indexOf('@') < 0) {
            return text;
        }
        String masked = text.contains("://") ? USER.matcher(text).replaceAll("://" + MASK + "@") : text;
        if (masked.indexOf('?') < 0 && masked.indexOf(';') < 0) {
            return masked;
        }
        return PARAMETERS
                .matcher(masked)
                .replaceAll(url -> Matcher.quoteReplacement(
                        url.group(1) + VALUE.matcher(url.group(2)).replaceAll("$1" + MASK.replace("$", "\\$"))));
    }
}
