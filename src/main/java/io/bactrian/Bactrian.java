package io.bactrian;

import ch.qos.logback.classic.LoggerContext;
import io.bactrian.runtime.Application;
import io.bactrian.runtime.StartupErrors;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/**
 * The program: {@code java -jar bactrian.jar [--check]}.
 *
 * <p>Exit codes: 0 after SIGTERM or Ctrl-C, or a good {@code --check}; 1 when it cannot run (the port is taken); 2 for a
 * mistake in the configuration or the routes, before anything listens.
 */
public final class Bactrian {
    private static final Logger LOG = LoggerFactory.getLogger(Bactrian.class);

    private Bactrian() {}

    public static void main(String[] args) {
        boolean check = Arrays.asList(args).contains("--check");
        if (args.length > (check ? 1 : 0)) {
            System.err.println("usage: java -jar bactrian.jar [--check]");
            end(2);
        }
        Application application = new Application(Path.of(""));
        try {
            application.prepare(!check);
        } catch (Exception e) {
            complain(application.mistakes(e));
            end(2);
        }
        try {
            if (check) {
                application.build();
                System.out.println("The configuration is good.");
                end(0);
            }
            application.start();
        } catch (Exception e) {
            List<String> mistakes = application.mistakes(e);
            if (StartupErrors.isMistake(e)) {
                complain(mistakes);
                end(2);
            }
            System.err.println("Cannot start: " + String.join("; ", mistakes));
            end(1);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            LOG.info("Stopping: requests in flight are finished, new ones are refused");
            application.close();
            LOG.info("Stopped");
            flushLogs();
        }));
        // A JVM that a signal ends exits with 128 and the signal's number; one that drained has done its work.
        for (String signal : new String[] {"TERM", "INT"}) {
            Signal.handle(new Signal(signal), s -> System.exit(0));
        }
        while (true) {
            LockSupport.park();
        }
    }

    private static void complain(List<String> mistakes) {
        int count = mistakes.size();
        System.err.println(count == 1 ? "1 mistake in the configuration:" : count + " mistakes in the configuration:");
        mistakes.forEach(line -> System.err.println("  " + line));
    }

    private static void end(int code) {
        flushLogs();
        System.exit(code);
    }

    private static void flushLogs() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext logs) {
            logs.stop();
        }
    }
}
