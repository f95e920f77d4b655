package io.bactrian.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** A file of {@code routes/} as its author wrote it. */
public record RouteFile(String name, List<String> lines, List<Definition> definitions) {
    private static final Set<String> ROUTES = Set.of("route", "routeTemplate", "routeConfiguration");

    public static RouteFile read(Path path) {
        try {
            List<String> lines = Files.readAllLines(path);
            Object root = new Load(LoadSettings.builder().build()).loadFromString(String.join("\n", lines));
            List<Definition> definitions = new ArrayList<>();
            for (Object element : (List<?>) root) {
                Map.Entry<?, ?> only =
                        ((Map<?, ?>) element).entrySet().iterator().next();
                String kind = (String) only.getKey();
                if (ROUTES.contains(kind)) {
                    definitions.add(new Definition(kind, map(only.getValue()), lines));
                }
            }
            return new RouteFile(path.getFileName().toString(), lines, definitions);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A route, a template of routes, or what routes have in common. */
    public record Definition(String kind, Map<String, Object> own, List<String> lines) {
        public boolean isTemplate() {
            return kind.equals("routeTemplate");
        }

        public boolean isConfiguration() {
            return kind.equals("routeConfiguration");
        }

        public String id() {
            return String.valueOf(own.get("id"));
        }

        private Map<String, Object> route() {
            return isTemplate() ? RouteFile.map(own.get("route")) : own;
        }

        public @Nullable String text(String key) {
            Object value = own.get(key);
            return value == null ? null : value.toString();
        }

        /** A part of the route, empty if it has none of that name. */
        public Map<String, Object> map(String key) {
            return RouteFile.map(route().get(key));
        }

        /** The URI that it is called at, empty if none. */
        public String from() {
            return String.valueOf(map("from").getOrDefault("uri", ""));
        }

        /** The parameters of that URI. */
        public Map<String, Object> parameters() {
            return RouteFile.map(map("from").get("parameters"));
        }

        /** Whether the line above its first is a comment. */
        public boolean commented() {
            int id = lines.indexOf("    id: " + id());
            return id >= 2
                    && lines.get(id - 1).equals("- " + kind + ":")
                    && lines.get(id - 2).startsWith("#");
        }

        /**
         * The steps, those inside of steps too, the branches of choices, and what the route consumes from. A template's has no id
         * of its own.
         */
        public List<Node> nodes() {
            List<Node> nodes = new ArrayList<>();
            each((key, value) -> {
                if ((key.equals("steps") || key.equals("onException")) && value instanceof List<?> steps) {
                    steps.forEach(step ->
                            RouteFile.map(step).forEach((eip, node) -> nodes.add(new Node(eip, RouteFile.map(node)))));
                } else if (key.equals("when") && value instanceof List<?> branches) {
                    branches.forEach(branch -> nodes.add(new Node(key, RouteFile.map(branch))));
                } else if (key.equals("otherwise") || (key.equals("from") && !isTemplate())) {
                    nodes.add(new Node(key, RouteFile.map(value)));
                }
            });
            return nodes;
        }

        public Node node(String id) {
            return nodes().stream().filter(n -> id.equals(n.id())).findFirst().orElseThrow();
        }

        /** Every key at any depth. */
        public List<String> allKeys() {
            List<String> keys = new ArrayList<>();
            each((key, value) -> keys.add(key));
            return keys;
        }

        /** Every URI, and every parameter of one as {@code name=value}; of what has no URI, the id alone. */
        public List<String> uris() {
            List<String> uris = new ArrayList<>(List.of(id()));
            each((key, value) -> {
                if (key.equals("uri")) {
                    uris.add(value.toString());
                } else if (key.equals("parameters") && value instanceof Map<?, ?> parameters) {
                    parameters.forEach((name, text) -> uris.add(name + "=" + text));
                }
            });
            return uris;
        }

        /** The names of the beans that it refers to, but for those a template is given. */
        public List<String> beans() {
            List<String> beans = new ArrayList<>();
            each((key, value) -> {
                if (key.equals("ref")) {
                    beans.add(value.toString());
                } else if (value instanceof String text && text.startsWith("#") && !text.contains("{{")) {
                    beans.add(text.substring(1));
                }
            });
            return beans;
        }

        private void each(BiConsumer<String, Object> visitor) {
            visit(own, visitor);
        }
    }

    /**
     * One step.
     *
     * @param kind for example {@code process}
     */
    public record Node(String kind, Map<String, Object> own) {
        public @Nullable String id() {
            return (String) own.get("id");
        }

        /** The keys in their order. */
        public List<String> keys() {
            return List.copyOf(own.keySet());
        }

        public Map<String, Object> map(String key) {
            return RouteFile.map(own.get(key));
        }
    }

    private static void visit(@Nullable Object tree, BiConsumer<String, Object> visitor) {
        if (tree instanceof Map<?, ?> map) {
            map.forEach((key, value) -> {
                visitor.accept(key.toString(), value);
                visit(value, visitor);
            });
        } else if (tree instanceof List<?> list) {
            list.forEach(element -> visit(element, visitor));
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(@Nullable Object value) {
        return value == null ? Map.of() : (Map<String, Object>) value;
    }
}
