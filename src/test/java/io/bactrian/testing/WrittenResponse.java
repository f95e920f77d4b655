package io.bactrian.testing;

import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;

/** The status 200 and the content type of a response that a test writes itself, for what reads responses. Immutable. */
public record WrittenResponse(String contentType) implements HttpResponse.ResponseInfo {
    @Override
    public int statusCode() {
        return 200;
    }

    @Override
    public HttpHeaders headers() {
        return HttpHeaders.of(Map.of("content-type", List.of(contentType)), (name, value) -> true);
    }

    @Override
    public HttpClient.Version version() {
        return HttpClient.Version.HTTP_1_1;
    }
}
