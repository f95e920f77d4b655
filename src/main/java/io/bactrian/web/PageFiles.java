package io.bactrian.web;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The static files of the page, from the jar. A browser asks each time whether a file has changed; one that is named with its
 * hash ({@code ?v=}) it may keep for ever. Thread-safe.
 */
final class PageFiles {
    static final String INDEX = "index.html";

    /** What the page may load and do: everything comes from here, and nothing is evaluated. */
    static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
            + " img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none';"
            + " require-trusted-types-for 'script'";

    private static final String FOLDER = "/page/";
    private static final Pattern NAME = Pattern.compile("([A-Za-z0-9_-]+/)?[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*");
    private static final Pattern REFERENCE = Pattern.compile("(src|href)=\"/page/([^\"?]+)\"");
    private static final int HASH_LENGTH = 16;
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "svg", "image/svg+xml",
            "txt", "text/plain; charset=utf-8",
            "json", "application/json");

    private final Map<String, PageFile> files = new ConcurrentHashMap<>();

    private record PageFile(byte[] bytes, byte[] zipped, String hash, String type) {}

    /** Responds with a file; false if there is none of that name. */
    boolean respond(HttpServerRequest request, String name) {
        PageFile file = file(name);
        if (file == null) {
            return false;
        }
        HttpServerResponse response = request.response();
        boolean zip = file.zipped().length < file.bytes().length && takesGzip(request);
        String tag = '"' + file.hash() + (zip ? "-gzip\"" : "\"");
        boolean named = file.hash().equals(request.getParam("v"));
        response.putHeader("content-security-policy", POLICY)
                .putHeader("x-content-type-options", "nosniff")
                .putHeader("referrer-policy", "no-referrer")
                .putHeader("cache-control", named ? "public, max-age=31536000, immutable" : "no-cache")
                .putHeader("etag", tag);
        response.headers().add("vary", "Accept-Encoding");
        String known = request.getHeader("if-none-match");
        if (known != null && (known.contains(tag) || known.strip().equals("*"))) {
            response.setStatusCode(304).end();
            return true;
        }
        if (zip) {
            response.putHeader("content-encoding", "gzip");
        }
        response.putHeader("content-type", file.type());
        byte[] body = zip ? file.zipped() : file.bytes();
        if (request.method() == HttpMethod.HEAD) {
            response.putHeader("content-length", Integer.toString(body.length)).end();
        } else {
            response.end(Buffer.buffer(body));
        }
        return true;
    }

    private static boolean takesGzip(HttpServerRequest request) {
        String accepted = request.getHeader("accept-encoding");
        return accepted != null && accepted.contains("gzip") && !accepted.contains("gzip;q=0");
    }

    /** Only files that exist are kept, so that names that callers make up need no memory. */
    private @Nullable PageFile file(String name) {
        PageFile known = files.get(name);
        if (known != null) {
            return known;
        }
        String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        if (type == null || !NAME.matcher(name).matches()) {
            return null;
        }
        try (InputStream in = PageFiles.class.getResourceAsStream(FOLDER + name)) {
            if (in == null) {
                return null;
            }
            byte[] bytes = in.readAllBytes();
            if (name.equals(INDEX)) {
                bytes = withHashes(new String(bytes, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8);
            }
            PageFile file = new PageFile(bytes, zipped(bytes), hash(bytes), type);
            files.put(name, file);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Names the files that a page refers to with their hashes. */
    private String withHashes(String html) {
        StringBuilder out = new StringBuilder();
        Matcher reference = REFERENCE.matcher(html);
        while (reference.find()) {
            PageFile file = file(reference.group(2));
            String named = file == null ? "" : "?v=" + file.hash();
            reference.appendReplacement(
                    out, Matcher.quoteReplacement(reference.group(1) + "=\"/page/" + reference.group(2) + named + '"'));
        }
        return reference.appendTail(out).toString();
    }

    private static byte[] zipped(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            zip.write(bytes);
        }
        return out.toByteArray();
    }

    private static String hash(byte[] bytes) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
            return HexFormat.of().formatHex(hash).substring(0, HASH_LENGTH);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
