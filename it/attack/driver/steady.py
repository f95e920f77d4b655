"""The good provider: answers both protocols with the words of the prompt, and refuses what its models are named for."""
import json
import time
from http.server import BaseHTTPRequestHandler

import server

USAGE = {"prompt_tokens": 5, "completion_tokens": 5, "total_tokens": 10}

# Models that are refused as real providers refuse them, though nothing is wrong with the account for other requests.
REFUSED = {
    "forbidden": (403, "permission_denied", "Your project does not have access to this model."),
    "dear": (402, "insufficient_quota", "This request requires more credits, or fewer max_tokens."),
    "down": (503, "overloaded", "The server is overloaded."),
}


class Steady(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length) if length else self.chunks()
        try:
            asked = json.loads(body)
        except (ValueError, RecursionError):
            return self.document(400, error("invalid_request_error", "not JSON"))
        model = str(asked.get("model", ""))
        if model in REFUSED:
            status, code, message = REFUSED[model]
            return self.document(status, error(code, message))
        if model.startswith("x-"):
            return self.document(404, error("model_not_found", "There is no such model."))
        refused = asked.get("user") or (asked.get("metadata") or {}).get("user_id")
        if isinstance(refused, str) and refused.startswith("refuse "):
            field = refused[len("refuse "):]
            return self.document(400, error("unsupported_parameter", f"Unsupported parameter: '{field}' is not supported "
                                            "with this model.", field))
        text = prompt(asked)
        if self.path.endswith("/embeddings"):
            inputs = asked.get("input")
            count = len(inputs) if isinstance(inputs, list) else 1
            data = [{"object": "embedding", "index": i, "embedding": [0.1, 0.2]} for i in range(min(count, 3))]
            return self.document(200, {"object": "list", "data": data, "model": model, "usage": USAGE})
        make = self.messages if self.path.endswith("/messages") else self.chat
        make(asked, model, text)

    def chunks(self):
        parts = []
        while size := int(self.rfile.readline().split(b";")[0] or b"0", 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def chat(self, asked, model, text):
        head = {"id": "c1", "created": 1, "model": model}
        if not asked.get("stream"):
            return self.document(200, {**head, "object": "chat.completion", "usage": USAGE, "choices": [
                {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}]})
        head["object"] = "chat.completion.chunk"
        deltas = [{"role": "assistant", "content": ""}] + [{"content": word} for word in words(text)]
        events = [{**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
        events.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        if (asked.get("stream_options") or {}).get("include_usage"):
            events.append({**head, "choices": [], "usage": USAGE})
        self.events([f"data: {json.dumps(event)}\n\n" for event in events] + ["data: [DONE]\n\n"], model)

    def messages(self, asked, model, text):
        usage = {"input_tokens": 5, "output_tokens": 5}
        choice = asked.get("tool_choice") or {}
        tool = choice.get("name") if choice.get("type") == "tool" else None
        block = {"type": "text", "text": text}
        if tool:
            try:
                block = {"type": "tool_use", "id": "toolu_1", "name": tool, "input": json.loads(text)}
            except ValueError:
                block = {"type": "tool_use", "id": "toolu_1", "name": tool, "input": {"text": text}}
        message = {"id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": [block],
                   "stop_reason": "tool_use" if tool else "end_turn", "stop_sequence": None, "usage": usage}
        if not asked.get("stream"):
            return self.document(200, message)
        empty = {**block, "input": {}} if tool else {**block, "text": ""}
        pieces = [json.dumps(block["input"])] if tool else words(text)
        kind, field = ("input_json_delta", "partial_json") if tool else ("text_delta", "text")
        events = [("message_start", {"message": {**message, "content": [], "stop_reason": None}}),
                  ("content_block_start", {"index": 0, "content_block": empty})]
        events += [("content_block_delta", {"index": 0, "delta": {"type": kind, field: piece}}) for piece in pieces]
        events += [("content_block_stop", {"index": 0}),
                   ("message_delta", {"delta": {"stop_reason": message["stop_reason"]}, "usage": usage}),
                   ("message_stop", {})]
        self.events([f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n" for name, data in events], model)

    def document(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def events(self, events, model):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        if model == "long":
            events = events[:2] + events[2:3] * 20_000 + events[3:]
        for event in events:
            data = event.encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            if model != "long":
                time.sleep(0.005)
        self.wfile.write(b"0\r\n\r\n")

    def do_GET(self):
        self.document(200, {"object": "list", "data": [{"id": "steady", "object": "model"}]})

    def log_message(self, *args):
        pass

    def handle(self):
        try:
            super().handle()
        except OSError:
            pass


def error(code, message, param=None):
    return {"type": "error", "error": {"message": message, "type": code, "code": code, "param": param}}


def prompt(asked):
    messages = asked.get("messages")
    content = messages[-1].get("content") if isinstance(messages, list) and messages and isinstance(
        messages[-1], dict) else ""
    if isinstance(content, list):
        content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return (content if isinstance(content, str) else "")[:4096] or "ok"


def words(text):
    middle = len(text) // 2
    return [text[:middle], text[middle:]] if middle else [text]


def serve(ports):
    server.serve(Steady, ports)
