package io.bactrian.severalnodes;

import io.bactrian.testing.Folders;
import io.bactrian.testing.Ports;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** An nginx that spreads requests over gateways, one after the other. */
final class Nginx implements AutoCloseable {
    private final Process process;
    private final int port;

    private Nginx(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** The nginx that is installed here; empty if there is none. */
    static Optional<Path> installed() {
        return Stream.of((System.getenv("PATH") + File.pathSeparator + "/usr/sbin").split(File.pathSeparator))
                .map(folder -> Path.of(folder, "nginx"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    static Nginx before(Path program, List<URI> gateways) throws IOException {
        Path folder = Folders.temporary("bactrian-nginx");
        int port = Ports.free();
        String servers = gateways.stream()
                .map(gateway -> "server 127.0.0.1:" + gateway.getPort() + ";")
                .collect(Collectors.joining(" "));
        Files.writeString(folder.resolve("nginx.conf"), """
                daemon off; worker_processes 1; pid %1$s/pid; error_log %1$s/error.log;
                events { worker_connections 1024; }
                http {
                  access_log off;
                  client_body_temp_path %1$s/body; proxy_temp_path %1$s/proxy;
                  fastcgi_temp_path %1$s/fastcgi; uwsgi_temp_path %1$s/uwsgi; scgi_temp_path %1$s/scgi;
                  upstream gateways { %2$s keepalive 64; }
                  server {
                    listen 127.0.0.1:%3$d;
                    location / {
                      proxy_pass http://gateways;
                      proxy_http_version 1.1;
                      proxy_set_header Connection "";
                      proxy_set_header Host $host;
                      proxy_buffering off;
                      proxy_read_timeout 610s;
                    }
                  }
                }
                """.formatted(folder, servers, port));
        Process process = new ProcessBuilder(program.toString(), "-p", folder.toString(), "-c", folder + "/nginx.conf")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return new Nginx(process, port);
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + port);
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
    }
}
