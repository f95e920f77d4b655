package io.bactrian.runtime;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.impl.VertxBuilder;
import io.vertx.core.spi.ExecutorServiceFactory;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/** The event loops that all generations share, started when they are first needed. Thread-safe. */
final class EventLoops implements AutoCloseable {
    private @Nullable Vertx started;

    synchronized Vertx vertx() {
        Vertx running = started;
        if (running == null) {
            running = start();
            started = running;
        }
        return running;
    }

    @Override
    public synchronized void close() {
        Vertx running = started;
        if (running != null) {
            running.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    /** Starts Vert.x with a virtual thread for every request, instead of its twenty workers. */
    private static Vertx start() {
        // Vert.x keeps copies of files of the class path in a temporary folder, which may not be writable.
        FileSystemOptions noCopies =
                new FileSystemOptions().setClassPathResolvingEnabled(false).setFileCachingEnabled(false);
        VertxOptions options =
                new VertxOptions().setMaxWorkerExecuteTime(Long.MAX_VALUE / 2).setFileSystemOptions(noCopies);
        return new VertxBuilder(options)
                .executorServiceFactory(new VirtualThreads())
                .init()
                .vertx();
    }

    private static final class VirtualThreads implements ExecutorServiceFactory {
        @Override
        public ExecutorService createExecutor(
                @Nullable ThreadFactory threads, @Nullable Integer concurrency, @Nullable Integer maxConcurrency) {
            return Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("request-", 0).factory());
        }
    }
}
