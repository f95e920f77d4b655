package io.bactrian.web;

import io.bactrian.page.Sessions;
import io.bactrian.protocol.RequestRejected;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Admission control: checks a caller's key and limits the requests in flight. Thread-safe. */
public final class Admission {
    private final List<Key> keys = new ArrayList<>();
    private final int maxInFlight;
    private final InFlightLimit inFlight;
    private final Sessions sessions;

    /**
     * The admission of a server.
     *
     * @param keys names by secret; empty = any caller is admitted
     * @param maxInFlight the most requests at once
     * @param inFlight the requests in flight, under earlier configurations too
     * @param sessions the sessions of people who logged in at the page
     */
    public Admission(Map<String, String> keys, int maxInFlight, InFlightLimit inFlight, Sessions sessions) {
        keys.forEach((secret, name) -> this.keys.add(new Key(name, secret.getBytes(StandardCharsets.UTF_8))));
        this.maxInFlight = maxInFlight;
        this.inFlight = inFlight;
        this.sessions = sessions;
    }

    private record Key(String name, byte[] secret) {
        @Override
        public String toString() {
            return "Key[" + name + "]";
        }
    }

    /**
     * Checks a caller's key, in a time that does not depend on how much of it is right.
     *
     * @return the key's name; empty where callers need none
     * @throws RequestRejected 401 if there are keys and the caller has sent none of them
     */
    String check(@Nullable String authorization, @Nullable String apiKey) {
        String name = caller(authorization, apiKey);
        if (name == null) {
            boolean none = (apiKey == null || apiKey.isEmpty())
                    && bearer(authorization).isEmpty();
            throw new RequestRejected(
                    401,
                    "invalid_request_error",
                    "invalid_api_key",
                    null,
                    none
                            ? "A key is needed: send it as 'Authorization: Bearer KEY' or 'x-api-key: KEY'."
                            : "The key is unknown.");
        }
        return name;
    }

    /** The name of the key that a caller has sent, empty where callers need none; null if it has sent none of them. */
    @Nullable
    String caller(@Nullable String authorization, @Nullable String apiKey) {
        if (keys.isEmpty()) {
            return "";
        }
        // Some clients send two keys, of which only one is meant for the gateway.
        String byHeader = nameOf(apiKey == null ? "" : apiKey);
        String byBearer = nameOf(bearer(authorization));
        return byHeader == null ? byBearer : byHeader;
    }

    /** True if callers need a key. */
    boolean needsKey() {
        return !keys.isEmpty();
    }

    /**
     * Begins a session of the page.
     *
     * @param offered the key
     * @return the session; null if there is no such key
     */
    @Nullable
    String logIn(String offered) {
        String name = nameOf(offered);
        return name == null ? null : sessions.begin(name, offered.getBytes(StandardCharsets.UTF_8));
    }

    /** The name of the key with which a session was begun; null if there is no such session, or no such key any more. */
    @Nullable
    String ofSession(String session) {
        String name = sessions.caller(session);
        for (Key key : keys) {
            if (key.name.equals(name) && sessions.isOf(session, key.secret)) {
                return name;
            }
        }
        return null;
    }

    void logOut(String session) {
        sessions.end(session);
    }

    /** Compares with every key, so that the time does not tell which one matches. */
    private @Nullable String nameOf(String offered) {
        byte[] bytes = offered.getBytes(StandardCharsets.UTF_8);
        String name = null;
        for (Key key : keys) {
            name = MessageDigest.isEqual(key.secret, bytes) ? key.name : name;
        }
        return name;
    }

    private static String bearer(@Nullable String authorization) {
        return authorization != null && authorization.regionMatches(true, 0, "Bearer ", 0, 7)
                ? authorization.substring(7).strip()
                : "";
    }

    /** Admits a request of a caller, which must {@link #leave} later; false if the limit is reached. */
    boolean enter(String door, String caller) {
        // A quarter of the places is left to the others, so that one of several callers never takes all.
        int maxOfOne = keys.size() > 1 ? maxInFlight - maxInFlight / 4 : maxInFlight;
        return inFlight.enter(maxInFlight, maxOfOne, door, caller);
    }

    void leave(String door, String caller) {
        inFlight.leave(door, caller);
    }

    int inFlight() {
        return inFlight.size();
    }
}
