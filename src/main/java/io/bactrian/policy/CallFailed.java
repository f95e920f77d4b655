package io.bactrian.policy;

/**
 * The exception of a failed call to a provider: the circuit breaker counts it, {@link FallbackPolicy} decides about its
 * {@link Failure}.
 */
public final class CallFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Failure failure;
    private final boolean counts;
    private final boolean staleConnection;
    private final boolean drill;
    private String learner = "";

    public CallFailed(Failure failure) {
        this(failure, failure.counts(), false);
    }

    /**
     * A failure and its circumstances.
     *
     * @param counts true if the breaker counts it
     * @param staleConnection true if a kept-alive connection turned out to be closed
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

    /**
     * The same failure in a drill. No provider has failed, so nothing is learned from it.
     *
     * @param counted true if the breaker counts it
     */
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

    /**
     * Notes for whom it is kept what the failure shows.
     *
     * @param caller the name of the caller's key; empty if it holds for all callers
     */
    public CallFailed learnedBy(String caller) {
        learner = caller;
        return this;
    }

    /** The caller for whom it is kept what the failure shows; empty if it holds for all. */
    public String learner() {
        return learner;
    }

    public boolean drill() {
        return drill;
    }
}
