package io.bactrian;

import java.lang.management.ManagementFactory;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.management.Attribute;
import javax.management.JMException;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads that carry virtual ones. Java interrupts no virtual thread: where long work, the compiler or the garbage collector
 * keep the processors busy, short requests wait for a carrier, so there are more of them then, among which the system shares the
 * time. It needs Java 24 or newer, and does nothing before.
 */
final class Carriers {
    private static final Logger LOG = LoggerFactory.getLogger(Carriers.class);
    private static final String SCHEDULER = "jdk.management:type=VirtualThreadScheduler";

    private final CarrierCount count = new CarrierCount(Runtime.getRuntime().availableProcessors());

    /** Begins to watch how long virtual threads wait for their turn, unless the command line says how many carriers there are. */
    void start() {
        boolean fixed = System.getProperty("jdk.virtualThreadScheduler.parallelism") != null;
        if (Runtime.version().feature() >= 24 && !fixed) {
            Thread.ofPlatform().name("carriers").daemon().start(this::watch);
        }
    }

    private void watch() {
        try {
            while (true) {
                LockSupport.parkNanos(this, CarrierCount.EVERY.toNanos());
                int before = count.now();
                int next = count.after(waited());
                if (next != before) {
                    set(next);
                }
            }
        } catch (InterruptedException e) {
            // Nothing interrupts it.
        } catch (JMException e) {
            LOG.debug("The number of carriers stays as it is: {}", e.getMessage());
        }
    }

    /** How long a virtual thread waits for its turn, in milliseconds. */
    private static long waited() throws InterruptedException {
        CountDownLatch turn = new CountDownLatch(1);
        long from = System.nanoTime();
        long[] began = new long[1];
        Thread.ofVirtual().name("turn").start(() -> {
            began[0] = System.nanoTime();
            turn.countDown();
        });
        turn.await();
        return TimeUnit.NANOSECONDS.toMillis(began[0] - from);
    }

    private static void set(int carriers) throws JMException {
        ManagementFactory.getPlatformMBeanServer()
                .setAttribute(new ObjectName(SCHEDULER), new Attribute("Parallelism", carriers));
        LOG.debug("Virtual threads have {} carriers now", carriers);
    }
}
