package io.bactrian.alert;

import java.util.function.Consumer;

/** A rule: which conditions of one kind hold at a moment. Implementations are stateless. */
@FunctionalInterface
interface Rule {

    /** Hands over every condition of the rule that holds. */
    void check(Observation seen, Consumer<Condition> conditions);
}
