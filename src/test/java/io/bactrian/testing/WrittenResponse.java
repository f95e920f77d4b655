package io.bactrian.testing;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLSession;

/** A response with status 200 that a test writes itself, for what reads responses. Immutable. */
public record WrittenResponse(String contentType, byte[] body) implements HttpResponse<byte[]> {
    private static final URI SOMEWHERE = URI.create("http://localhost/");

    @Override
    public int statusCode() {
        return 200;
    }

    @Override
    public HttpRequest request() {
        return HttpRequest.newBuilder(SOMEWHERE).build();
    }

    @Override
    public Optional<HttpResponse<byte[]>> previousResponse() {
        return Optional.empty();
    }

    @Override
    public HttpHeaders headers() {
        return HttpHeaders.of(Map.of("content-type", List.of(contentType)), (name, value) -> true);
    }

    @Override
    public Optional<SSLSession> sslSession() {
        return Optional.empty();
    }

    @Override
    public URI uri() {
        return SOMEWHERE;
    }

    @Override
    public HttpClient.Version version() {
        return HttpClient.Version.HTTP_1_1;
    }
}
