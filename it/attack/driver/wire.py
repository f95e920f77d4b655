"""Sockets of attackers: a request is written as bytes, and what comes back is read as far as it matters."""
import json
import re
import socket
import struct

HEAD = re.compile(rb"HTTP/1\.[01] (\d{3})")


class Wire:
    """One connection to the gateway. Everything about it may fail: the other side defends itself."""

    def __init__(self, port, timeout=15):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.socket.close()

    def send(self, *parts):
        for part in parts:
            self.socket.sendall(part)

    def answer(self, most=1 << 20):
        """Everything until the gateway closes or is silent."""
        return self.read(lambda data: len(data) >= most)

    def status(self):
        """The status of the next response, read to the end of its head; 0 if none came."""
        found = HEAD.match(self.read(lambda data: b"\r\n\r\n" in data or len(data) >= 65_536))
        return int(found.group(1)) if found else 0

    def read(self, enough):
        """What comes until it is enough, or no more comes."""
        data = b""
        try:
            while not enough(data) and (more := self.socket.recv(65_536)):
                data += more
        except OSError:
            pass
        return data

    def reset(self):
        """Leaves without saying so."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def head(path, length=None, key=None, method="POST", **more):
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    if key:
        lines.append(f"Authorization: Bearer {key}")
    if length is not None:
        lines.append(f"Content-Length: {length}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in more.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def ask(port, path, body, key, timeout=15, method="POST", **more):
    """Sends a request on a connection of its own; returns the status of the answer, 0 if none came in time."""
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    with Wire(port, timeout) as wire:
        try:
            wire.send(head(path, len(body), key, method, Connection="close", **more), body)
        except OSError:
            pass  # refused before its end; the answer may have come all the same
        return wire.status()
