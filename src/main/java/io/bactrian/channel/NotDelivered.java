package io.bactrian.channel;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The failure to deliver a message, with its reason in words that hold no secret. */
final class NotDelivered extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient @Nullable Duration retryAfter;
    private final boolean lasting;

    /**
     * @param retryAfter the wait that the receiver asked for; null if it named none
     * @param lasting true if another try would fail as well, because the receiver refuses the message itself
     */
    NotDelivered(String reason, @Nullable Duration retryAfter, boolean lasting) {
        super(reason, null, false, false);
        this.retryAfter = retryAfter;
        this.lasting = lasting;
    }

    @Nullable
    Duration retryAfter() {
        return retryAfter;
    }

    boolean isLasting() {
        return lasting;
    }
}
