package io.bactrian.page;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of people who logged in with a caller's key. A session is known by a random number of 256 bits, of which only a
 * hash is kept. It ends after twelve hours, and when its key leaves the configuration or is changed. Thread-safe.
 */
public final class Sessions {
    /** How long a session lasts. */
    public static final Duration LASTS = Duration.ofHours(12);

    /** The oldest one makes way for a further one: the oldest of the same key if there is one, so that no key ends others' sessions. */
    static final int MAX = 1_000;

    private static final int BYTES = 32;

    private final SecureRandom random = new SecureRandom();
    private final Clock clock;
    private final Map<String, Session> sessions = new LinkedHashMap<>();

    public Sessions(Clock clock) {
        this.clock = clock;
    }

    private record Session(String caller, byte[] keyHash, long until) {
        @Override
        public String toString() {
            return "Session[" + caller + "]";
        }
    }

    /**
     * Begins a session.
     *
     * @param caller the name of the key
     * @param key the key
     * @return what the browser has to send from now on
     */
    public String begin(String caller, byte[] key) {
        byte[] number = new byte[BYTES];
        random.nextBytes(number);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(number);
        synchronized (sessions) {
            long now = clock.millis();
            sessions.values().removeIf(session -> session.until() <= now);
            if (sessions.size() >= MAX) {
                sessions.remove(oldest(caller));
            }
            sessions.put(name(token), new Session(caller, hash(key), now + LASTS.toMillis()));
        }
        return token;
    }

    /** Where the oldest session of a caller is kept; if it has none, the oldest of all. */
    private String oldest(String caller) {
        for (Map.Entry<String, Session> one : sessions.entrySet()) {
            if (one.getValue().caller().equals(caller)) {
                return one.getKey();
            }
        }
        return sessions.keySet().iterator().next();
    }

    /** The name of the key with which a session was begun; null if there is no such session any more. */
    public @Nullable String caller(String token) {
        Session session = of(token);
        return session == null ? null : session.caller();
    }

    /** True if the session was begun with this key. */
    public boolean isOf(String token, byte[] key) {
        Session session = of(token);
        return session != null && MessageDigest.isEqual(session.keyHash(), hash(key));
    }

    private @Nullable Session of(String token) {
        synchronized (sessions) {
            Session session = sessions.get(name(token));
            return session == null || session.until() <= clock.millis() ? null : session;
        }
    }

    /** Ends a session, if there is one. */
    public void end(String token) {
        synchronized (sessions) {
            sessions.remove(name(token));
        }
    }

    int size() {
        synchronized (sessions) {
            return sessions.size();
        }
    }

    private static String name(String token) {
        return Base64.getEncoder().encodeToString(hash(token.getBytes(StandardCharsets.UTF_8)));
    }

    private static byte[] hash(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
