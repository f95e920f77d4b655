package io.bactrian;

/** The entry point: says in one line which Java is needed where the running one is too old, then starts the gateway. */
public final class Launcher {
    private static final int NEEDED = 21;
    private static final String LOGBACK = "logback.configurationFile";

    private Launcher() {}

    public static void main(String[] args) throws Exception {
        String version = System.getProperty("java.specification.version", "0");
        int feature = Integer.parseInt(version.startsWith("1.") ? version.substring(2) : version);
        if (feature < NEEDED) {
            System.err.println("Bactrian needs Java " + NEEDED + " or newer; this is Java " + version + " ("
                    + System.getProperty("java.home") + ").");
            System.exit(1);
        }
        // Not logback.xml at the top of the jar, which would take over the log of an application that has the jar on
        // its class path.
        if (System.getProperty(LOGBACK) == null) {
            System.setProperty(LOGBACK, "io/bactrian/logback.xml");
        }
        Class.forName("io.bactrian.Bactrian").getMethod("main", String[].class).invoke(null, (Object) args);
    }
}
