package io.bactrian.runtime;

import io.bactrian.config.PlaceNames;
import io.bactrian.config.UrlMask;
import io.bactrian.runtime.RouteFiles.Place;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.FailedToStartRouteException;
import org.apache.camel.NoSuchBeanException;
import org.apache.camel.NoSuchEndpointException;
import org.apache.camel.NoSuchLanguageException;
import org.apache.camel.ResolveEndpointFailedException;
import org.apache.camel.language.simple.types.SimpleIllegalSyntaxException;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/** The readable form of errors that keep a configuration or its routes from running. Stateless. */
public final class StartupErrors {
    private static final Pattern UNKNOWN_OPTIONS = Pattern.compile("Unknown parameters=\\[\\{(.*)}]", Pattern.DOTALL);
    /** The id of a route whose author gave it none. */
    private static final Pattern GENERATED_ID = Pattern.compile("route\\d+");

    private static final Pattern TWIN_STEPS = Pattern.compile("Duplicate id detected: (\\S+)\\.");

    private static final Pattern TWIN_ROUTES = Pattern.compile("Duplicate route ids detected: (.+?)\\. Please");

    private static final String ADD = "; correct the name, or add its component (docs/routes.md)";

    private StartupErrors() {}

    /**
     * A mistake in words.
     *
     * @param quoted the part of the route that is wrong, null if it is not known
     */
    private record Mistake(String words, @Nullable String quoted) {}

    /** Whether the error is a mistake in the files; otherwise something around the program is missing or taken. */
    public static boolean isMistake(Throwable thrown) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof InvalidConfiguration
                    || t instanceof FailedToCreateRouteException
                    || t instanceof MarkedYamlEngineException
                    || (t instanceof FailedToStartRouteException && t.getCause() == null)) {
                return true;
            }
        }
        return false;
    }

    /**
     * One line for each mistake, with its place.
     *
     * @param files the route files
     * @param fileOf the file of a route, by the id of the route; empty if it has none
     */
    static List<String> lines(Throwable thrown, RouteFiles files, UnaryOperator<String> fileOf) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof InvalidConfiguration mistakes) {
                return mistakes.lines();
            }
            if (t instanceof MarkedYamlEngineException yaml) {
                return List.of(line(RouteFiles.explain(yaml).orElse(root(yaml))));
            }
            Matcher twins = TWIN_ROUTES.matcher(String.valueOf(t.getMessage()));
            if (twins.find()) {
                return List.of("the route id " + twins.group(1)
                        + " is used twice; ids must be unique, and the gateway has routes of its own (docs/routes.md)");
            }
            String route = route(t);
            if (route != null) {
                return List.of(line(ofRoute(route, thrown, files, fileOf.apply(route))));
            }
        }
        return List.of(line(mistake(thrown).words()));
    }

    private static @Nullable String route(Throwable thrown) {
        return switch (thrown) {
            case FailedToCreateRouteException failed -> failed.getRouteId();
            case FailedToStartRouteException failed -> failed.getRouteId();
            default -> null;
        };
    }

    private static String ofRoute(String route, Throwable thrown, RouteFiles files, String file) {
        Matcher twins = TWIN_STEPS.matcher(root(thrown));
        if (twins.find()) {
            String places =
                    files.steps(twins.group(1)).stream().map(Place::toString).collect(Collectors.joining(", and "));
            return places + ": the step id " + twins.group(1) + " is used twice; ids must be unique";
        }
        Mistake mistake = mistake(thrown);
        String quoted = mistake.quoted();
        Optional<Place> place = quoted == null ? Optional.empty() : files.place(route, file, quoted);
        place = place.or(() -> files.placeOf(route, file, root(thrown)));
        String where = place.map(Place::toString).orElse(file);
        String step = place.map(Place::step).map(id -> ", step " + id).orElse("");
        String who = place.isPresent() && GENERATED_ID.matcher(route).matches() ? "a route" : "route " + route;
        return (where.isEmpty() ? "" : where + ": ") + who + step + ": " + mistake.words();
    }

    /** The cause that says most, in the words of its reader. */
    private static Mistake mistake(Throwable thrown) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            switch (t) {
                case NoSuchBeanException e -> {
                    return new Mistake("there is no bean " + e.getName(), e.getName());
                }
                case NoSuchEndpointException e -> {
                    String scheme = e.getUri().replaceFirst(":.*", "");
                    return new Mistake("there is no component " + scheme + ADD, scheme);
                }
                case NoSuchLanguageException e -> {
                    return new Mistake("there is no expression language " + e.getLanguage() + ADD, e.getLanguage());
                }
                case SimpleIllegalSyntaxException e -> {
                    return new Mistake(
                            e.getShortMessage() + " at position " + e.getIndex() + " of " + e.getExpression(),
                            e.getExpression());
                }
                case ClassNotFoundException e -> {
                    return new Mistake(
                            "there is no class " + e.getMessage()
                                    + "; correct the name, or add its jar (docs/routes.md)",
                            e.getMessage());
                }
                case ResolveEndpointFailedException e -> {
                    Matcher unknown = UNKNOWN_OPTIONS.matcher(String.valueOf(e.getMessage()));
                    if (unknown.find()) {
                        return unknownOptions(e.getUri(), unknown.group(1));
                    }
                }
                default -> {}
            }
        }
        return new Mistake(root(thrown), null);
    }

    /** What is wrong with a URI that no endpoint can be made of: an unknown option by its name, or else no more than that. */
    static String unknownOption(ResolveEndpointFailedException failed, String uri) {
        for (Throwable t = failed; t != null; t = t.getCause()) {
            if (t instanceof NoSuchEndpointException) {
                break;
            }
            Matcher unknown = UNKNOWN_OPTIONS.matcher(String.valueOf(t.getMessage()));
            if (unknown.find()) {
                return "there is no option "
                        + unknownOptions("", unknown.group(1)).quoted();
            }
        }
        return "not a URI that the component " + PlaceNames.scheme(uri) + " takes";
    }

    /** The names only: a value may be a secret. */
    private static Mistake unknownOptions(String uri, String options) {
        List<String> names = Pattern.compile("(?:^|, )([^=,]+)=")
                .matcher(options)
                .results()
                .map(match -> match.group(1))
                .toList();
        return new Mistake(
                uri.replaceFirst("\\?.*", "") + " has no option " + String.join(", ", names), names.getFirst());
    }

    /** A mistake in an endpoint that a property names. Its parameters are left out, because they can be secrets. */
    static String words(Throwable thrown, String uri) {
        Mistake mistake = mistake(thrown);
        return mistake.quoted() == null
                ? line(uri.replaceFirst("\\?.*", "").replaceFirst("//[^/@]*@", "//***@") + " is no usable endpoint")
                : line(mistake.words());
    }

    static String line(String text) {
        return UrlMask.of(text.strip().replaceAll("\\s*\\p{Cntrl}\\s*", " "));
    }

    /** The message of the root cause. */
    public static String root(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.toString() : root.getMessage();
    }
}
