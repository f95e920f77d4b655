package io.bactrian.config;

/** A bound that a request, a connection or a provider's answer may reach; each one is counted. */
public enum Bound {
    /** A head or a body whose length two servers could understand differently. */
    FRAMING,
    /** The size of the head of a request. */
    HEAD,
    /** The time for the head of a request. */
    HEAD_TIMEOUT,
    /** The size of one body. */
    BODY,
    /** The time for a body. */
    BODY_TIMEOUT,
    /** The bytes of all bodies in flight, or one caller's share of them. */
    BODIES,
    /** The time in which a connection is used for nothing, or its caller reads nothing. */
    IDLE,
    /** The names under which a gateway without keys may be reached. */
    HOST,
    /** The origins of pages that may call. */
    ORIGIN,
    /** The values and names of a JSON document. */
    NODES,
    /** The levels of a JSON document. */
    DEPTH,
    /** The entries of {@code fallbacks}. */
    FALLBACKS,
    /** The size of a JSON schema. */
    SCHEMA,
    /** The steps of a check against a schema. */
    SCHEMA_STEPS,
    /** The requests of one caller that wait for a target. */
    WAITING;

    /** The name in metrics, such as {@code body-timeout}. */
    public String label() {
        return ValueParsers.label(this);
    }
}
