package io.bactrian.chat;

import org.jspecify.annotations.Nullable;

/** A request that the gateway itself turns away, before any provider is asked. */
public final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String type;
    private final @Nullable String code;
    private final @Nullable String param;

    public Refusal(int status, String type, @Nullable String code, @Nullable String param, String message) {
        super(message, null, false, false);
        this.status = status;
        this.type = type;
        this.code = code;
        this.param = param;
    }

    /** A request that cannot be understood: 400. */
    public static Refusal invalid(@Nullable String param, String message) {
        return new Refusal(400, "invalid_request_error", null, param, message);
    }

    public int status() {
        return status;
    }

    public String type() {
        return type;
    }

    public @Nullable String code() {
        return code;
    }

    public @Nullable String param() {
        return param;
    }

    public String words() {
        return String.valueOf(getMessage());
    }
}
