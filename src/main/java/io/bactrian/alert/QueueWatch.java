package io.bactrian.alert;

import org.jspecify.annotations.Nullable;

/** The queue, as far as alerts look at it. Implementations are thread-safe and never wait. */
public interface QueueWatch {
    /** That of a gateway without a queue. */
    QueueWatch NONE = new QueueWatch() {};

    /** How many dead letters there have been since the start. */
    default long deadLetters() {
        return 0;
    }

    /** When the last of them was written, epoch milliseconds; 0 if there was none. */
    default long deadLetterAt() {
        return 0;
    }

    /** Their classes with their counts, for people to read. */
    default String classes() {
        return "";
    }

    /** Why the broker cannot be used, for people to read; null if it can. */
    default @Nullable String trouble() {
        return null;
    }

    /** What has to be seen to although the broker can be used, for people to read; null if nothing. */
    default @Nullable String warning() {
        return null;
    }
}
