/** The content of one stream of the {@link StreamStub}, and its course. */
interface Script {
    /** Every event with its number and the time, from the first to the last. */
    Script STAMPED = number -> number + "@" + System.nanoTime() + ";";

    /** The content of an event. */
    String text(int number);

    /** The first event. */
    default int from() {
        return 0;
    }

    /** The events below this number come at once, the others one every interval. */
    default int atOnce() {
        return 0;
    }

    /** The event in whose place the socket is closed; never by default. */
    default int cut() {
        return -1;
    }

    /** Called just before the socket is closed. */
    default void cutting() {}
}
