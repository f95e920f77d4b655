"""The server of providers: a thread for each connection, on a port that the operating system chooses."""
import socketserver


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 512


def serve(handler, ports):
    """Serves for ever; the port goes into a queue."""
    server = Server(("127.0.0.1", 0), handler)
    ports.put(server.server_address[1])
    server.serve_forever()
