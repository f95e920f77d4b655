package io.bactrian.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** The body of one response as far as it came. The HTTP client's own kinds of bodies lose some of one that breaks off. */
public final class ResponseBody implements HttpResponse.BodyHandler<Void>, HttpResponse.BodySubscriber<Void> {
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private HttpResponse.@Nullable ResponseInfo head;

    /** Makes a request and reads the response; false if it is a stream that broke off. */
    public boolean read(HttpClient client, HttpRequest request) throws IOException, InterruptedException {
        try {
            client.send(request, this);
            return true;
        } catch (IOException e) {
            if (head == null || !streams() || e instanceof HttpTimeoutException) {
                throw e;
            }
            return false;
        }
    }

    /** The status and the headers. */
    public HttpResponse.ResponseInfo head() {
        return Objects.requireNonNull(head);
    }

    /** Whether it is an event stream. */
    boolean streams() {
        return head().headers().firstValue("content-type").orElse("").startsWith("text/event-stream");
    }

    public byte[] toByteArray() {
        return bytes.toByteArray();
    }

    @Override
    public HttpResponse.BodySubscriber<Void> apply(HttpResponse.ResponseInfo info) {
        head = info;
        return this;
    }

    @Override
    public CompletionStage<Void> getBody() {
        return end;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        for (ByteBuffer buffer : buffers) {
            byte[] part = new byte[buffer.remaining()];
            buffer.get(part);
            bytes.writeBytes(part);
        }
    }

    @Override
    public void onError(Throwable cause) {
        end.completeExceptionally(cause);
    }

    @Override
    public void onComplete() {
        end.complete(null);
    }
}
