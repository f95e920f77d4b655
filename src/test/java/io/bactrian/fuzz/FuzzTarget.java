package io.bactrian.fuzz;

import java.util.Random;

/** A part of the gateway that gets odd input, and what must hold for it. Used by one thread. */
interface FuzzTarget {

    /** Its name in reports and names of files. */
    String name();

    /**
     * Makes an input and checks what becomes of it.
     *
     * @throws Throwable of any kind if that is not an answer or an error in the caller's format
     */
    void check(Random random) throws Throwable;

    /** The last input, as a report shows it. */
    String input();
}
