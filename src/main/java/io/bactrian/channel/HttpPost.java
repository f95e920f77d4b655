package io.bactrian.channel;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

/**
 * A POST of JSON to an address that may be a secret, and with a body that may hold one.
 *
 * @param headers more request headers; their values may be secrets
 */
record HttpPost(URI address, Map<String, String> headers, byte[] body) {

    HttpPost {
        headers = Map.copyOf(headers);
    }

    /** @param address a user and a password in it become a header, because the HTTP client refuses such an address */
    static HttpPost of(URI address, byte[] body) {
        String user = address.getUserInfo();
        if (user == null) {
            return new HttpPost(address, Map.of(), body);
        }
        String bare = address.toString().replace(address.getRawUserInfo() + "@", "");
        String login = Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8));
        return new HttpPost(URI.create(bare), Map.of("Authorization", "Basic " + login), body);
    }

    @Override
    public String toString() {
        return "HttpPost[" + address.getHost() + "]";
    }
}
