"""The hostile provider: one way of doing harm for each model name."""
import gzip
import json
import os
import re
import socket
import socketserver
import struct
import time
import zlib

import server

OK = b"HTTP/1.1 200 OK\r\n"
JSON = b"content-type: application/json\r\n"
STREAM = b"content-type: text/event-stream\r\n"
CHUNKED = b"transfer-encoding: chunked\r\n\r\n"
SECONDS = 20  # for which an endless answer goes on, unless the gateway hangs up
WORD = b'data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"x"}}]}\n\n'
BLOCK = b"x" * 65_536


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def sized(body, kind=JSON):
    return OK + kind + b"content-length: %d\r\n\r\n" % len(body) + body


def endless(begin, piece, pause=0.0):
    def send(out):
        out(begin)
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            out(piece)
            if pause:
                time.sleep(pause)
    return send


def once(*parts):
    def send(out):
        for part in parts:
            out(part)
    return send


def answer(content):
    return b'{"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":' \
        + content + b'},"finish_reason":"stop"}]}'


def bomb(out):
    """One GB of an answer in one MB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    out(OK + JSON + b"content-encoding: gzip\r\n" + CHUNKED)
    out(chunk(packer.compress(b'{"id":"')))
    zeros = b"0" * (1 << 20)
    for _ in range(1024):
        data = packer.compress(zeros)
        if data:
            out(chunk(data))
    out(chunk(packer.flush()) + b"0\r\n\r\n")


def hang(out):
    time.sleep(SECONDS)


def reset(out):
    raise ConnectionResetError


def reset_in_stream(out):
    out(OK + STREAM + CHUNKED + chunk(WORD))
    raise ConnectionResetError


MANY = b"[" + b",".join([b"[]"] * 500_000) + b"]"
DEEP = b"[" * 100_000 + b"]" * 100_000

HARMS = {
    "endless-head": endless(OK, b"x-a: " + b"y" * 8_000 + b"\r\n"),
    "endless-header": endless(OK + b"x-a: ", b"y" * 8_000),
    "slow-head": endless(OK, b"x-a: b\r\n", 0.3),
    "interim-heads": endless(b"", b"HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n", 0.001),
    "endless-body": endless(OK + JSON + CHUNKED + chunk(b'{"a":"'), chunk(BLOCK)),
    "endless-event": endless(OK + STREAM + CHUNKED + chunk(b"data: "), chunk(BLOCK)),
    "endless-comments": endless(OK + STREAM + CHUNKED, chunk(b": x\n\n" * 1000), 0.01),
    "endless-stream": endless(OK + STREAM + CHUNKED, chunk(WORD * 200), 0.02),
    "endless-chunk-extension": endless(OK + STREAM + CHUNKED + b"1", b";a=" + b"b" * 8_000),
    "endless-trailers": endless(OK + JSON + CHUNKED + b"2\r\n{}\r\n0\r\n", b"x-a: b\r\n" * 100),
    "slow-bytes": endless(OK + STREAM + b"\r\n", b"d", 0.2),
    "gzip-bomb": bomb,
    "short-body": once(OK + JSON + b"content-length: 100000\r\n\r\n{}"),
    "long-body": once(OK + JSON + b"content-length: 2\r\n\r\n" + answer(b'"hi"') * 100),
    "two-lengths": once(OK + JSON + b"content-length: 2\r\ncontent-length: 9\r\n\r\n{}       "),
    "length-and-chunks": once(OK + JSON + b"content-length: 2\r\n" + CHUNKED + chunk(answer(b'"hi"')) + b"0\r\n\r\n"),
    "negative-length": once(OK + JSON + b"content-length: -1\r\n\r\n{}"),
    "huge-chunk": once(OK + JSON + CHUNKED + b"fffffffffffffffff\r\n{}"),
    "second-response": once(sized(answer(b'"hi"')), sized(answer(b'"not yours"'))),
    "split-head": once(OK + b"x-request-id: a\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
    "reset": reset,
    "reset-in-stream": reset_in_stream,
    "hang": hang,
    "many-nodes": once(sized(answer(MANY))),
    "many-nodes-event": once(sized(b'data: {"choices":[{"index":0,"delta":{"content":' + MANY + b"}}]}\n\n", STREAM)),
    "deep": once(sized(answer(DEEP))),
    "deep-event": once(sized(b"data: " + DEEP + b"\n\n", STREAM)),
    "giant-text": once(sized(answer(b'"' + b"x" * 30_000_000 + b'"'))),
    "giant-number": once(sized(answer(b"1" * 1_000_000))),
    "wrong-protocol": once(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "http2": once(b"\0\0\0\x04\0\0\0\0\0"),
    "html": once(sized(b"<html>" + b"<p>" * 100_000, b"content-type: text/html\r\n")),
    "garbage": once(sized(os.urandom(100_000), STREAM)),
    "no-end": once(sized(WORD, STREAM)),
    "no-words": once(sized(b"data: [DONE]\n\n", STREAM)),
    "retry-later": once(b"HTTP/1.1 429 Too Many\r\nretry-after: 1" + b"0" * 24 + b"\r\ncontent-length: 0\r\n\r\n"),
    "redirect": once(b"HTTP/1.1 307 Go\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"),
    "odd-status": once(b"HTTP/1.1 999 x\r\ncontent-length: 0\r\n\r\n"),
    "switching": once(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nxxxx"),
    "gzip-half": once(OK + JSON + b"content-encoding: gzip\r\n" + CHUNKED
                      + chunk(gzip.compress(answer(b'"hi"'))[:40]) + b"0\r\n\r\n"),
}


class Hostile(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.settimeout(SECONDS)
        try:
            model = self.model()
            HARMS.get(model, hang)(self.request.sendall)
        except ConnectionResetError:
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except (OSError, ValueError):
            pass

    def model(self):
        data = b""
        while b"\r\n\r\n" not in data:
            more = self.request.recv(65_536)
            if not more:
                return ""
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        wanted = int(length.group(1)) if length else 0
        while len(body) < wanted:
            more = self.request.recv(65_536)
            if not more:
                return ""
            body += more
        return json.loads(body).get("model", "") if body else ""


def serve(ports):
    os.nice(10)
    server.serve(Hostile, ports)
