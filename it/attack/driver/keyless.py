"""Attacks of callers that have no key."""
import gzip
import os
import time

from attacks import KEYLESS, Breach, attack, body
from wire import HEAD, Wire, ask, head

CHAT = "/v1/chat/completions"
MEGABYTE = b" " * (1 << 20)


@attack(KEYLESS, pause=1.0, weight=20)
def large_body(target, turn):
    """20 MB, with a length."""
    with Wire(target.port) as wire:
        try:
            wire.send(head(CHAT, 20 << 20), *[MEGABYTE] * 20)
        except OSError:
            pass
        return refused(wire.status())


@attack(KEYLESS, pause=1.0, weight=10)
def large_chunked_body(target, turn):
    """20 MB, in chunks, and no end."""
    with Wire(target.port) as wire:
        try:
            wire.send(head(CHAT, Transfer_Encoding="chunked"), *[b"100000\r\n" + MEGABYTE + b"\r\n"] * 20)
        except OSError:
            pass
        return refused(wire.status())


@attack(KEYLESS, pause=1.0, weight=4)
def gzip_body(target, turn):
    packed = zeros()
    return refused(ask(target.port, CHAT, packed, None, Content_Encoding="gzip"))


@body
def zeros():
    return gzip.compress(MEGABYTE * 100, 6)


@attack(KEYLESS, weight=8)
def slow_head(target, turn):
    """A head that never ends, a byte at a time."""
    with Wire(target.port) as wire:
        wire.send(b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nX-A: ")
        return trickle(wire, 60)


@attack(KEYLESS, weight=8)
def slow_body(target, turn):
    with Wire(target.port) as wire:
        wire.send(head(CHAT, 1_000_000) + b'{"messages":"')
        return trickle(wire, 90)


def trickle(wire, seconds):
    until = time.monotonic() + seconds
    wire.socket.settimeout(0.5)
    while time.monotonic() < until:
        try:
            wire.send(b"a")
            more = wire.socket.recv(1024)
            found = HEAD.match(more)
            return int(found.group(1)) if found else "closed"
        except TimeoutError:
            pass
    return "held"


@attack(KEYLESS, weight=4)
def idle_connections(target, turn):
    wires = [Wire(target.port) for _ in range(50)]
    time.sleep(20)
    for wire in wires:
        wire.socket.close()


SECOND = b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"
FRAMINGS = [
    ("length and chunked", b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
    ("chunked, identity", b"Transfer-Encoding: chunked, identity\r\n", b"0\r\n\r\n"),
    ("identity, chunked and length", b"Content-Length: %d\r\nTransfer-Encoding: identity, chunked\r\n", b"0\r\n\r\n"),
    ("chunked twice", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
    ("xchunked and length", b"Content-Length: 0\r\nTransfer-Encoding: xchunked\r\n", b""),
    ("two lengths", b"Content-Length: 0\r\nContent-Length: %d\r\n", b""),
    ("list of lengths", b"Content-Length: 0, %d\r\n", b""),
    ("signed length", b"Content-Length: +0\r\n", b""),
    ("space before the colon", b"Content-Length : %d\r\nContent-Length: 0\r\n", b""),
    ("tab after chunked", b"Content-Length: %d\r\nTransfer-Encoding:\tchunked\r\n", b"0\r\n\r\n"),
    ("vertical tab", b"Content-Length: %d\r\nTransfer-Encoding: \x0bchunked\r\n", b"0\r\n\r\n"),
    ("folded", b"Content-Length: %d\r\nTransfer-Encoding:\r\n chunked\r\n", b"0\r\n\r\n"),
    ("bare line feed", b"Content-Length: 0\r\nX-A: b\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
    ("chunk size with a sign", b"Transfer-Encoding: chunked\r\n", b"+0\r\n\r\n"),
    ("chunk size in hex notation", b"Transfer-Encoding: chunked\r\n", b"0x0\r\n\r\n"),
    ("negative chunk size", b"Transfer-Encoding: chunked\r\n", b"-1\r\n\r\n"),
]


@attack(KEYLESS, pause=0.2, weight=4)
def smuggling(target, turn):
    """A second request behind an ambiguous end of the first one; a good answer to it is a breach."""
    served = []
    for name, lines, end in FRAMINGS:
        with Wire(target.port, 1) as wire:
            after = end + SECOND
            lines = lines % len(after) if b"%d" in lines else lines
            wire.send(b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                      + lines + b"\r\n" + after)
            if b"HTTP/1.1 200" in wire.answer():
                served.append(name)
    if served:
        raise Breach("a second request was served: " + ", ".join(served))
    return len(FRAMINGS)


@attack(KEYLESS, pause=0.2, weight=4)
def garbage(target, turn):
    with Wire(target.port, 2) as wire:
        wire.send(os.urandom(4096))
        return wire.status()


@attack(KEYLESS, pause=0.2, weight=2)
def http2_preface(target, turn):
    settings = b"\0\0\0\x04\0\0\0\0\0"
    open_and_reset = b"".join(
        b"\0\0\x01\x01\x04\0\0" + n.to_bytes(2, "big") + b"\x82" + b"\0\0\x04\x03\0\0\0" + n.to_bytes(2, "big") + b"\0\0\0\x08"
        for n in range(1, 2001, 2))
    with Wire(target.port, 2) as wire:
        wire.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings + open_and_reset)
        wire.answer(65_536)


@attack(KEYLESS, weight=4)
def endless_head(target, turn):
    with Wire(target.port) as wire:
        try:
            wire.send(b"GET / HTTP/1.1\r\n", *[b"x-a: " + b"y" * 4000 + b"\r\n"] * 4000)
        except OSError:
            pass
        return wire.status()


@attack(KEYLESS, pause=0.2, weight=2)
def wrong_key(target, turn):
    return refused(ask(target.port, CHAT, {"messages": []}, "wrong-" + turn))


PATHS = ["/status", "//status", "/./status", "/%73tatus", "/metrics", "/admin/targets/steady/open", "/v1/models",
         "/health/live/../../status", "/page/events", "/health/live;/../../status", "/Status", "/demo/x/fault?kind=503"]


@attack(KEYLESS, pause=0.3, weight=2)
def paths(target, turn):
    statuses = []
    for path in PATHS:
        method = "POST" if path.startswith(("/admin", "/demo")) else "GET"
        status = ask(target.port, path, b"", None, method=method, Origin="https://evil.example", Host="evil.example")
        if status == 200:
            raise Breach(f"{path} was answered")
        statuses.append(status)
    return statuses


@attack(KEYLESS, pause=0.1, weight=4)
def leave(target, turn):
    wire = Wire(target.port)
    wire.send(head(CHAT, 1000) + b"{")
    wire.reset()


@attack(KEYLESS, pause=0.2, weight=4)
def pipelining(target, turn):
    """Hundreds of requests at once, of which no answer is read for a while."""
    with Wire(target.port, 5) as wire:
        wire.send((head(CHAT, 2) + b"{}") * 500)
        time.sleep(2)
        return wire.status()


def refused(status):
    if 200 <= status < 300:
        raise Breach(f"{status} without a key")
    return status
