package io.bactrian.channel;

import java.net.URI;
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

    static HttpPost of(URI address, byte[] body) {
        return new HttpPost(address, Map.of(), body);
    }

    @Override
    public String toString() {
        return "HttpPost[" + address.getHost() + "]";
    }
}
