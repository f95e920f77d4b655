package io.bactrian.runtime;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * The route files of a directory as they are written, with the lines of what is in them. Finds the mistakes that Camel would report
 * without a file, or not at all, and the places of those that it reports. Immutable.
 */
final class RouteFiles {
    private static final String FOLDER = ConfigSnapshot.ROUTES + "/";
    /** A shorter text may stand in a message by chance. */
    private static final int MIN_QUOTED = 4;

    private final List<String> mistakes = new ArrayList<>();
    private final List<Element> elements = new ArrayList<>();

    /**
     * A line of a file.
     *
     * @param step the id of the step there, null if it has none
     */
    record Place(String file, int line, @Nullable String step) {
        @Override
        public String toString() {
            return file + ", line " + line;
        }
    }

    /**
     * An element at the top of a file.
     *
     * @param kind such as {@code route}
     */
    private record Element(String file, String kind, Node key, Node body) {
        Place place() {
            return new Place(file, line(key), null);
        }

        @Nullable
        String id() {
            return text(body, "id");
        }

        /** What a message calls it. */
        String name() {
            return id() == null ? "the " + kind : "the " + kind + " " + id();
        }

        @Nullable
        Node input() {
            return kind.equals("from") ? body : kind.equals("route") ? child(body, "from") : null;
        }

        /** Whether it is a route that is always there. */
        boolean isFixedRoute() {
            return (kind.equals("route") || kind.equals("from"))
                    && child(body, "precondition") == null
                    && !"false".equals(text(body, "autoStartup"));
        }
    }

    private RouteFiles() {}

    /** No files. */
    static RouteFiles none() {
        return new RouteFiles();
    }

    /** Reads the files; there are none if the directory has no {@code routes/}. */
    static RouteFiles in(Path directory) {
        RouteFiles files = new RouteFiles();
        Path folder = directory.resolve(ConfigSnapshot.ROUTES);
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*.camel.yaml")) {
                List<Path> sorted = new ArrayList<>();
                found.forEach(sorted::add);
                sorted.sort(Comparator.naturalOrder());
                sorted.forEach(files::read);
            } catch (IOException e) {
                files.mistakes.add(FOLDER + ": cannot be read: " + e.getMessage());
            }
        }
        return files;
    }

    private void read(Path path) {
        String file = FOLDER + path.getFileName();
        try {
            LoadSettings settings = LoadSettings.builder().setLabel(file).build();
            Node root =
                    new Compose(settings).composeString(Files.readString(path)).orElse(null);
            if (root instanceof SequenceNode list) {
                list.getValue().forEach(node -> addElement(file, node));
            } else if (root == null) {
                mistakes.add(file + ": is empty");
            } else if (child(root, "kind") == null) {
                mistakes.add(new Place(file, line(root), null)
                        + ": no list of routes; begin with \"- route:\" or \"- from:\"");
            }
        } catch (MarkedYamlEngineException e) {
            mistakes.add(explain(e).orElse(file + ": " + e.getProblem()));
        } catch (CharacterCodingException e) {
            mistakes.add(file + ": is no text in UTF-8");
        } catch (YamlEngineException | IOException e) {
            mistakes.add(file + ": cannot be read: " + e.getMessage());
        }
    }

    private void addElement(String file, Node node) {
        if (node instanceof MappingNode map && !map.getValue().isEmpty()) {
            NodeTuple first = map.getValue().getFirst();
            if (first.getKeyNode() instanceof ScalarNode kind) {
                elements.add(new Element(file, kind.getValue(), kind, first.getValueNode()));
            }
        }
    }

    /** One line for each mistake of the files; empty if none is found. */
    List<String> mistakes() {
        List<String> all = new ArrayList<>(mistakes);
        Map<String, Element> byId = new LinkedHashMap<>();
        Map<String, Element> byInput = new LinkedHashMap<>();
        for (Element element : elements) {
            if (element.kind().equals("route")) {
                addMissing(element, all);
            }
            if (element.isFixedRoute()) {
                addTwin(byId, element.id(), element, "have a route with the id %s; ids must be unique", all);
                addTwin(byInput, direct(element.input()), element, "consume from %s; only one route can", all);
            }
        }
        return all;
    }

    private static void addMissing(Element route, List<String> all) {
        if (route.input() == null) {
            all.add(route.place() + ": " + route.name() + " has no from");
        }
        Node steps = key(route.body(), "steps");
        if (steps != null && route.input() != null) {
            all.add(new Place(route.file(), line(steps), null) + ": the steps of " + route.name()
                    + " stand beside from; they belong below it");
        }
    }

    private static void addTwin(
            Map<String, Element> known, @Nullable String key, Element element, String complaint, List<String> all) {
        Element twin = key == null ? null : known.putIfAbsent(key, element);
        if (twin != null) {
            all.add(twin.place() + ", and " + element.place() + ": both " + complaint.formatted(key));
        }
    }

    /** The address of a direct endpoint as Camel writes it; null if it is another one, or only known at run time. */
    private static @Nullable String direct(@Nullable Node input) {
        String uri = text(input, "uri");
        String name = uri == null
                ? null
                : uri.equals("direct")
                        ? text(child(input, "parameters"), "name")
                        : uri.startsWith("direct:") ? uri.replaceFirst("direct:/*", "") : null;
        return name == null || name.contains("{{") ? null : "direct://" + name.replaceFirst("\\?.*", "");
    }

    /** The line of a file that a YAML parser complains of, and the complaint. */
    static Optional<String> explain(MarkedYamlEngineException e) {
        String problem = String.valueOf(e.getProblem())
                .replaceFirst("^Unknown node id: ", "there is no step or element ")
                .replaceFirst("^Unsupported field: ", "there is no field ");
        String context = e.getContext() == null ? "" : " (" + e.getContext() + ")";
        return e.getProblemMark()
                .map(mark -> new Place(file(mark.getName()), mark.getLine() + 1, null) + ": " + problem + context);
    }

    /** The name of a route file by the location that Camel has for it. */
    static String file(String location) {
        String path = location.replaceFirst("^\\w+:", "");
        int folder = path.lastIndexOf("/" + FOLDER);
        return folder < 0 ? path : path.substring(folder + 1);
    }

    /**
     * The place of a text in a route.
     *
     * @param route the id of the route
     * @param file the file of the route, empty if unknown
     * @param quoted a bean, an endpoint or whatever else a mistake is about
     */
    Optional<Place> place(String route, String file, String quoted) {
        // What routes of a file share, such as onException, stands beside them.
        Stream<Element> beside = elements.stream().filter(e -> e.file().equals(file));
        return Stream.concat(candidates(route, file).stream(), beside)
                .flatMap(e -> scalars(e, e.body(), null, true))
                .filter(scalar -> scalar.value().contains(quoted))
                .map(Scalar::place)
                .findFirst();
    }

    /** The place of the longest value of a route that a message quotes; that of the route if it quotes none. */
    Optional<Place> placeOf(String route, String file, String message) {
        List<Element> candidates = candidates(route, file);
        boolean isKnown = candidates.size() == 1;
        return candidates.stream()
                .flatMap(e -> scalars(e, e.body(), null, false))
                .filter(s -> s.value().length() >= MIN_QUOTED && message.contains(s.value()))
                .max(Comparator.comparingInt(s -> s.value().length()))
                .map(Scalar::place)
                .or(() -> candidates.stream()
                        .filter(e -> isKnown)
                        .map(Element::place)
                        .findFirst());
    }

    /** A route has its id, or none and its file; what is made of a template has neither. */
    private List<Element> candidates(String route, String file) {
        List<Element> named =
                elements.stream().filter(e -> route.equals(e.id())).toList();
        List<Element> there = elements.stream()
                .filter(e -> e.file().equals(file) && e.id() == null)
                .toList();
        return !named.isEmpty() ? named : !there.isEmpty() ? there : elements;
    }

    /** The places of the steps with an id, of which each should be there once. */
    List<Place> steps(String id) {
        return elements.stream()
                .flatMap(e -> tuples(e.body())
                        .filter(t -> isText(t.getKeyNode(), "id") && isText(t.getValueNode(), id))
                        .map(t -> new Place(e.file(), line(t.getKeyNode()), null)))
                .toList();
    }

    /** A text in an element, which is not an id. */
    private record Scalar(String value, Place place) {}

    private static Stream<Scalar> scalars(Element element, Node node, @Nullable String step, boolean keys) {
        return switch (node) {
            case ScalarNode scalar ->
                Stream.of(new Scalar(scalar.getValue(), new Place(element.file(), line(scalar), step)));
            case SequenceNode list -> list.getValue().stream().flatMap(n -> scalars(element, n, step, keys));
            case MappingNode map -> {
                String own = map == element.body() ? null : text(map, "id");
                String inside = own == null ? step : own;
                yield map.getValue().stream()
                        .filter(t -> !isText(t.getKeyNode(), "id"))
                        .flatMap(t -> Stream.concat(
                                keys ? scalars(element, t.getKeyNode(), inside, true) : Stream.empty(),
                                scalars(element, t.getValueNode(), inside, keys)));
            }
            default -> Stream.empty();
        };
    }

    private static Stream<NodeTuple> tuples(Node node) {
        return switch (node) {
            case SequenceNode list -> list.getValue().stream().flatMap(RouteFiles::tuples);
            case MappingNode map ->
                map.getValue().stream().flatMap(t -> Stream.concat(Stream.of(t), tuples(t.getValueNode())));
            default -> Stream.empty();
        };
    }

    private static boolean isText(Node node, String value) {
        return node instanceof ScalarNode scalar && scalar.getValue().equals(value);
    }

    private static @Nullable NodeTuple tuple(@Nullable Node node, String name) {
        return node instanceof MappingNode map
                ? map.getValue().stream()
                        .filter(t -> isText(t.getKeyNode(), name))
                        .findFirst()
                        .orElse(null)
                : null;
    }

    private static @Nullable Node key(@Nullable Node node, String name) {
        NodeTuple tuple = tuple(node, name);
        return tuple == null ? null : tuple.getKeyNode();
    }

    private static @Nullable Node child(@Nullable Node node, String name) {
        NodeTuple tuple = tuple(node, name);
        return tuple == null ? null : tuple.getValueNode();
    }

    private static @Nullable String text(@Nullable Node node, String name) {
        return child(node, name) instanceof ScalarNode scalar ? scalar.getValue() : null;
    }

    private static int line(Node node) {
        return Objects.requireNonNull(node).getStartMark().orElseThrow().getLine() + 1;
    }
}
