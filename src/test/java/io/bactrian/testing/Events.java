package io.bactrian.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** A writer of events into a stream, with the line ends and in the pieces wanted. */
record Events(Exchange exchange, boolean crlf, int bytesAtATime) {

    void send(List<String> events) throws IOException {
        for (String event : events) {
            String lines = event + "\n\n";
            byte[] bytes = (crlf ? lines.replace("\n", "\r\n") : lines).getBytes(StandardCharsets.UTF_8);
            for (int from = 0; from < bytes.length; from += Math.min(bytesAtATime, bytes.length - from)) {
                int to = from + Math.min(bytesAtATime, bytes.length - from);
                exchange.chunk(Arrays.copyOfRange(bytes, from, to));
            }
        }
    }
}
