package io.bactrian.config;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * An ordered list of steps under a name that callers use as the model name. Immutable.
 *
 * @param steps tried left to right; each target stands in one of them once
 * @param lastResorts what answers when no target can, tried left to right; often none
 * @param order how the steps are sorted for each request
 * @param limits the limits of the whole request
 * @param embeddingsMix whether one embedding model may stand in for another, although their vectors cannot be compared
 */
public record Chain(
        String name,
        List<Step> steps,
        List<LastResort> lastResorts,
        Order order,
        Limits limits,
        boolean embeddingsMix) {

    public Chain {
        steps = List.copyOf(steps);
        lastResorts = List.copyOf(lastResorts);
    }

    public Chain(String name, List<Step> steps, List<LastResort> lastResorts, Order order, Limits limits) {
        this(name, steps, lastResorts, order, limits, false);
    }

    /** A chain of targets one after the other, in the order written. */
    public static Chain of(String name, List<? extends Step> steps, Limits limits) {
        return new Chain(name, List.copyOf(steps), List.of(), Order.WRITTEN, limits);
    }

    /** The same chain with more steps behind its own. */
    public Chain plus(List<? extends Step> more) {
        return new Chain(
                name,
                Stream.concat(steps.stream(), more.stream())
                        .map(Step.class::cast)
                        .toList(),
                lastResorts,
                order,
                limits,
                embeddingsMix);
    }

    /** The same chain with its steps in another order. */
    public Chain arranged(List<Step> inOrder) {
        return new Chain(name, inOrder, lastResorts, order, limits, embeddingsMix);
    }

    /** The same chain of those targets only that pass; its groups may become smaller. */
    public Chain only(Predicate<Target> which) {
        return arranged(
                steps.stream().flatMap(step -> step.only(which).stream()).toList());
    }

    /** The same chain with its targets asked for a service. */
    public Chain at(Service service) {
        return service == Service.CHAT
                ? this
                : arranged(steps.stream().map(step -> step.at(service)).toList());
    }

    /** Every target of the chain, from left to right, those in groups included. */
    public List<Entry> candidates() {
        return steps.stream().flatMap(step -> step.candidates().stream()).toList();
    }

    /** One step: a target, or several that belong together. */
    public sealed interface Step {
        /** The targets of the step, from left to right. */
        List<Entry> candidates();

        /** The step with those targets only that pass; empty if there is none. */
        Optional<Step> only(Predicate<Target> which);

        /** The step with its targets asked for a service. */
        Step at(Service service);
    }

    /** A target with the limits that hold for it in this chain. */
    public record Entry(Target target, Limits limits) implements Step {
        @Override
        public List<Entry> candidates() {
            return List.of(this);
        }

        @Override
        public Optional<Step> only(Predicate<Target> which) {
            return which.test(target) ? Optional.of(this) : Optional.empty();
        }

        @Override
        public Entry at(Service service) {
            return new Entry(target.at(service), limits);
        }
    }

    /**
     * Targets that answer a request together.
     *
     * @param members at least two
     */
    public record Group(Kind kind, List<Member> members) implements Step {
        public Group {
            members = List.copyOf(members);
        }

        @Override
        public List<Entry> candidates() {
            return members.stream().map(Member::entry).toList();
        }

        @Override
        public Optional<Step> only(Predicate<Target> which) {
            List<Member> left = members.stream()
                    .filter(member -> which.test(member.entry().target()))
                    .toList();
            return left.size() > 1
                    ? Optional.of(new Group(kind, left))
                    : left.stream().map(member -> (Step) member.entry()).findFirst();
        }

        @Override
        public Group at(Service service) {
            return new Group(
                    kind,
                    members.stream()
                            .map(member -> new Member(member.entry().at(service), member.weight()))
                            .toList());
        }
    }

    /**
     * A target in a group.
     *
     * @param weight its share beside the others' in a balance group, above 0; 1 in the others
     */
    public record Member(Entry entry, double weight) {}

    /** The way in which the targets of a group share a request. */
    public enum Kind {
        /** All at once: the first good answer wins, the others are cancelled. */
        RACE,
        /** One after the other, the next already when the one before is slow: the first good answer wins. */
        HEDGE,
        /** One of them by weight, the rest of the group is next. */
        BALANCE
    }

    /** The order of the steps of a chain for each request. */
    public enum Order {
        WRITTEN,
        /** By recent time to first token. */
        FASTEST,
        /** By price. */
        CHEAPEST,
        /** By calls under way. */
        LEAST_BUSY
    }

    /** A step that answers when no target can. */
    public sealed interface LastResort {
        /**
         * The last good answer to the same request.
         *
         * @param tools whether requests with tools are remembered and answered too
         */
        record Stale(boolean tools) implements LastResort {}

        /** A fixed text. */
        record Static(String name, String text) implements LastResort {}
    }
}
