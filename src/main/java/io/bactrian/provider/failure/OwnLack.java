package io.bactrian.provider.failure;

import io.bactrian.policy.Failure;
import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A lack of this process or its machine, such as of file descriptors or memory, for which no provider is to blame. Stateless. */
public final class OwnLack {
    private OwnLack() {}

    /** The failure that such a lack is; null if the error shows none. */
    public static @Nullable Failure of(Throwable thrown) {
        return of(NetworkErrors.chain(thrown));
    }

    static @Nullable Failure of(List<Throwable> causes) {
        for (Throwable cause : causes) {
            String lack = lack(cause);
            if (lack != null) {
                return Failure.own("the gateway has no " + lack + " left");
            }
        }
        return null;
    }

    private static @Nullable String lack(Throwable cause) {
        String message = cause.getMessage() == null ? "" : cause.getMessage().toLowerCase(Locale.ROOT);
        if (cause instanceof OutOfMemoryError) {
            return message.contains("thread") ? "threads" : "memory";
        }
        if (cause instanceof UnknownHostException && hasNoDescriptor()) {
            return "file descriptors";
        }
        if (!(cause instanceof IOException)) {
            return null;
        }
        // The texts of the operating system, in every JDK.
        return message.contains("too many open files")
                ? "file descriptors"
                : message.contains("cannot allocate memory") || message.contains("no buffer space") ? "memory" : null;
    }

    /** A name that cannot be looked up without a descriptor is reported like one that does not exist. */
    private static boolean hasNoDescriptor() {
        try (SocketChannel channel = SocketChannel.open()) {
            return !channel.isOpen();
        } catch (IOException e) {
            return true;
        }
    }
}
