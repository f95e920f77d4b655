package io.bactrian;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import io.bactrian.runtime.Application;
import io.bactrian.runtime.StartupErrors;
import io.bactrian.tryout.Tryout;
import io.bactrian.tryout.TryoutOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The program: {@code java -jar bactrian.jar [--check | --try-queue [requests] | --train [file] | --version]}.
 *
 * <p>Exit codes: 0 after SIGTERM or Ctrl-C, or a good {@code --check}; 1 when it cannot run (the port is taken); 2 for a
 * mistake in the configuration or the routes, before anything listens. {@code --try-queue}: 0 if each request had exactly one
 * reply, 1 if not, 2 for a mistake. {@code --train}: 1 if the cache could not be made.
 */
public final class Bactrian {
    /** The option that prints the versions of the gateway and of Java. */
    static final String VERSION = "--version";

    private static final Logger LOG = LoggerFactory.getLogger(Bactrian.class);

    /** The time for what follows the grace period of requests: their errors, and the end of queue, databases and traces. */
    private static final Duration AFTER_GRACE = Duration.ofSeconds(10);

    private Bactrian() {}

    public static void main(String[] args) {
        if (args.length > 0 && args[0].equals(TryoutOptions.NAME)) {
            end(tryQueue(List.of(args)));
        }
        if (args.length > 0 && args[0].equals(AotTraining.NAME)) {
            end(AotTraining.run(List.of(args)));
        }
        if (args.length == 1 && args[0].equals(VERSION)) {
            String version = Bactrian.class.getPackage().getImplementationVersion();
            System.out.println(
                    "Bactrian " + (version == null ? "of classes" : version) + ", Java " + Runtime.version());
            end(0);
        }
        boolean check = Arrays.asList(args).contains("--check");
        if (args.length > (check ? 1 : 0)) {
            System.err.println("usage: java -jar bactrian.jar [--check | " + TryoutOptions.USAGE + " | "
                    + AotTraining.USAGE + " | " + VERSION + "]");
            end(2);
        }
        EndOfProcess ends = new EndOfProcess();
        ends.start();
        // A JVM that a signal ends exits with 128 and the signal's number; one that drained has done its work.
        if (!check) {
            ends.onSignal(() -> System.exit(0));
        }
        Application application = new Application(Path.of(""));
        try {
            application.prepare(!check);
        } catch (Exception | LinkageError e) {
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
            new Carriers().start();
        } catch (Exception | LinkageError | InternalError e) {
            List<String> mistakes = application.mistakes(e);
            if (StartupErrors.isMistake(e)) {
                complain(mistakes);
                end(2);
            }
            System.err.println("Cannot start: " + String.join("; ", mistakes));
            end(1);
        }
        Thread stop = new Thread(() -> {
            ends.within(application.grace().plus(AFTER_GRACE));
            LOG.info("Stopping: requests in flight are finished, new ones are refused");
            application.close();
            LOG.info("Stopped");
            flushLogs();
        });
        try {
            Runtime.getRuntime().addShutdownHook(stop);
        } catch (IllegalStateException e) {
            // A signal came while it started: the process ends, and no request has been served.
            return;
        }
        while (true) {
            LockSupport.park();
        }
    }

    private static int tryQueue(List<String> arguments) {
        TryoutOptions options;
        try {
            options = TryoutOptions.parse(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println("usage: java -jar bactrian.jar " + TryoutOptions.USAGE);
            return 2;
        }
        // Log lines, and what newer versions of Java warn of in Netty, would stand between the lines of the progress.
        System.setProperty("io.netty.noUnsafe", "true");
        System.setProperty("io.netty.transport.noNative", "true");
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext logs) {
            logs.getLoggerList().forEach(logger -> logger.setLevel(Level.OFF));
        }
        Application application = new Application(Path.of(""));
        try {
            application.prepare(false);
            Tryout tryout = application.tryout(options, System.out);
            EndOfProcess ends = new EndOfProcess();
            ends.onSignal(tryout::stop);
            return tryout.run();
        } catch (InterruptedException e) {
            return 1;
        } catch (Exception e) {
            complain(application.mistakes(e));
            return 2;
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
