package io.bactrian.policy;

/** A call to a provider failed; thrown inside the circuit breaker, understood by {@link FallbackPolicy}. */
public final class CallFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Failure failure;
    private final boolean counts;
    private final boolean staleConnection;
    private final boolean drill;

    public CallFailed(Failure failure) {
        this(failure, failure.counts(), false);
    }

    /**
     * A failure with more known about it.
     *
     * @param counts whether the breaker counts it
     * @param staleConnection whether a kept-alive connection was found closed
     */
    public CallFailed(Failure failure, boolean counts, boolean staleConnection) {
        this(failure, counts, staleConnection, false);
    }

    private CallFailed(Failure failure, boolean counts, boolean staleConnection, boolean drill) {
        super(failure.type() + ": " + failure.reason(), null, false, false);
        this.failure = failure;
        this.counts = counts;
        this.staleConnection = staleConnection;
        this.drill = drill;
    }

    /** The same in a drill: no provider has failed, so nothing is to be learned from it. */
    public CallFailed inDrill(boolean counted) {
        return new CallFailed(failure, counted, false, true);
    }

    public Failure failure() {
        return failure;
    }

    public boolean counts() {
        return counts;
    }

    public boolean staleConnection() {
        return staleConnection;
    }

    public boolean drill() {
        return drill;
    }
}
