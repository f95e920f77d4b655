package io.bactrian.demo;

import io.bactrian.demo.Answer.Finish;
import io.bactrian.demo.SimulatedRequest.Role;
import io.bactrian.demo.SimulatedRequest.Tool;
import io.bactrian.demo.SimulatedRequest.Turn;
import java.util.ArrayList;
import java.util.List;

/**
 * The simulated model. The same conversation always gets the same words, from every provider and model, so that one of
 * them can continue an answer that another one cut off. Stateless.
 */
final class SimulatedModel {
    private static final int QUOTE = 60;

    private SimulatedModel() {}

    static Answer answer(SimulatedRequest asked) {
        List<Turn> turns = asked.turns();
        Turn last = turns.isEmpty() ? new Turn(Role.USER, "") : turns.getLast();
        if (last.role() == Role.ASSISTANT) {
            return text(asked, continuation(full(asked, turns.subList(0, turns.size() - 1)), last.text()));
        }
        if (last.role() == Role.USER
                && turns.size() > 2
                && turns.get(turns.size() - 2).role() == Role.ASSISTANT) {
            String full = full(asked, turns.subList(0, turns.size() - 2));
            String said = turns.get(turns.size() - 2).text().strip();
            if (!said.isEmpty() && full.startsWith(said) && full.length() > said.length()) {
                return text(asked, continuation(full, said));
            }
        }
        if (last.role() == Role.USER && !asked.tools().isEmpty()) {
            return toolCall(asked, last.text());
        }
        return text(asked, full(asked, turns));
    }

    /** The text that goes on from a prompt. */
    static Answer completion(SimulatedRequest asked, String prompt) {
        return text(
                asked,
                " … and so it goes on. This completion comes from a simulated provider, because no API key is set. It"
                        + " continues: \"" + quote(prompt) + "\".");
    }

    private static String full(SimulatedRequest asked, List<Turn> turns) {
        Turn last = turns.isEmpty() ? new Turn(Role.USER, "") : turns.getLast();
        String quote = quote(last.text());
        if (asked.format() != null) {
            return asked.format().sample(quote);
        }
        if (last.role() == Role.TOOL) {
            return "Thank you, the tool has answered: \"" + quote
                    + "\". A simulated provider cannot think about it, but this is"
                    + " the place where a real model would go on with that result.";
        }
        return "Hello! This answer comes from a simulated provider, because no API key is set. It runs inside the"
                + " gateway, uses the protocol of the real one over real HTTP, and can be made to fail. You said:"
                + " \"" + quote
                + "\". Even if a provider fails on the way, these words should reach you whole and only once. Set a"
                + " key and a real model answers instead.";
    }

    /**
     * The rest of an answer after the words that were already given; the full answer if it does not begin with them.
     */
    private static String continuation(String full, String said) {
        if (full.startsWith(said)) {
            return full.substring(said.length());
        }
        return full.startsWith(said.strip())
                ? full.substring(said.strip().length()).strip()
                : full;
    }

    private static Answer text(SimulatedRequest asked, String text) {
        List<String> words = text.isEmpty() ? List.of() : List.of(text.split("(?<=\\S)(?=\\s)"));
        boolean cut = asked.maxTokens() > 0 && words.size() > asked.maxTokens();
        return new Answer(
                cut ? words.subList(0, asked.maxTokens()) : words,
                null,
                cut ? Finish.LENGTH : Finish.STOP,
                asked.promptTokens());
    }

    private static Answer toolCall(SimulatedRequest asked, String said) {
        Tool tool = asked.tools().stream()
                .filter(t -> t.name().equals(asked.choice()))
                .findFirst()
                .orElse(asked.tools().getFirst());
        String arguments = SchemaSample.of(tool.schema(), quote(said)).toString();
        List<String> pieces = new ArrayList<>();
        for (int i = 0; i < arguments.length(); i += 8) {
            pieces.add(arguments.substring(i, Math.min(arguments.length(), i + 8)));
        }
        return new Answer(pieces, tool.name(), Finish.TOOL, asked.promptTokens());
    }

    private static String quote(String text) {
        String line = text.strip().replaceAll("\\s+", " ");
        if (line.codePointCount(0, line.length()) <= QUOTE) {
            return line;
        }
        return line.substring(0, line.offsetByCodePoints(0, QUOTE)).strip() + "…";
    }
}
