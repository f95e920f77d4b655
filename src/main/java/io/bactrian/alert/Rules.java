package io.bactrian.alert;

import java.util.ArrayList;
import java.util.List;

/** All rules. Stateless. */
final class Rules {
    private static final List<Rule> ALL = List.of(
            new ChainRules(),
            new DownRule(),
            new BreakerRule(),
            new KeyRule(),
            new ModelRule(),
            new SlowRule(),
            new UnknownErrorRule(),
            new DeadLetterRule(),
            new BrokerRule(),
            new ConfigurationRule());

    private Rules() {}

    /** The conditions that hold. */
    static List<Condition> check(Observation seen) {
        List<Condition> conditions = new ArrayList<>();
        ALL.forEach(rule -> rule.check(seen, conditions::add));
        return conditions;
    }
}
