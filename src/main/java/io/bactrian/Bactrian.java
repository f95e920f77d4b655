package io.bactrian;

import ch.qos.logback.classic.LoggerContext;
import io.bactrian.runtime.Application;
import io.bactrian.runtime.InvalidConfiguration;
import io.bactrian.runtime.StartupErrors;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import org.apache.camel.FailedToCreateRouteException;
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
            complain(e);
            end(2);
        }
        try {
            if (check) {
                application.build();
                System.out.println("The configuration is good.");
                end(0);
            }
            application.start();
        } catch (FailedToCreateRouteException e) {
            System.err.println("A mistake in " + String.join("; ", StartupErrors.lines(e, application::fileOf)));
            end(2);
        } catch (Exception e) {
            System.err.println("Cannot start: " + StartupErrors.root(e));
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

    private static void complain(Exception e) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof InvalidConfiguration mistakes) {
                int count = mistakes.lines().size();
                System.err.println(
                        count == 1 ? "1 mistake in the configuration:" : count + " mistakes in the configuration:");
                mistakes.lines().forEach(line -> System.err.println("  " + line));
                return;
            }
        }
        System.err.println("A mistake in the configuration or the routes: " + StartupErrors.root(e));
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
