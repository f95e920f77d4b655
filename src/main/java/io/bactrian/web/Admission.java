package io.bactrian.web;

import io.bactrian.protocol.RequestRejected;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Who may come in, and how many at once. Thread-safe. */
final class Admission {
    private final List<Key> keys = new ArrayList<>();
    private final int most;
    private final InFlightLimit inFlight;

    /**
     * The rules of a server.
     *
     * @param keys names by secret; empty = anyone
     * @param most requests at once
     * @param crowd those that are inside
     */
    Admission(Map<String, String> keys, int most, InFlightLimit inFlight) {
        keys.forEach((secret, name) -> this.keys.add(new Key(name, secret.getBytes(StandardCharsets.UTF_8))));
        this.most = most;
        this.inFlight = inFlight;
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
     * @return the key's name; empty where nobody needs one
     * @throws RequestRejected 401 if there are keys and this is none of them
     */
    String check(@Nullable String authorization, @Nullable String apiKey) {
        if (keys.isEmpty()) {
            return "";
        }
        // Some clients send two, and only one is meant for us.
        String inHeader = apiKey == null ? "" : apiKey;
        String asBearer = bearer(authorization);
        String byHeader = nameOf(inHeader);
        String byBearer = nameOf(asBearer);
        String name = byHeader == null ? byBearer : byHeader;
        if (name == null) {
            throw new RequestRejected(
                    401,
                    "invalid_request_error",
                    "invalid_api_key",
                    null,
                    inHeader.isEmpty() && asBearer.isEmpty()
                            ? "A key is needed: send it as 'Authorization: Bearer KEY' or 'x-api-key: KEY'."
                            : "The key is not known here.");
        }
        return name;
    }

    /** Looks at every key, whichever it is. */
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

    /** Lets one in; false if the house is full. */
    boolean enter() {
        return inFlight.enter(most);
    }

    void leave() {
        inFlight.leave();
    }

    int inside() {
        return inFlight.size();
    }
}
