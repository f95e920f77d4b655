package io.bactrian.protocol;

/** A sink for the server-sent events of one stream; what is added goes out with the next flush. */
public interface EventSink {

    /** Adds an event without a name. */
    void event(byte[] json);

    /** Adds an event with a name. */
    void event(String name, byte[] json);
}
