"""The good caller: ten requests a second in both protocols, plain and as streams, each of which is checked."""
import http.client
import json
import socket
import threading
import time

PER_SECOND = 10
GIVE_UP = 60


class Caller:
    def __init__(self, port, key):
        self.port, self.key = port, key
        self.lock = threading.Lock()
        self.times, self.failures = [], []
        self.sent = 0

    def run(self, seconds):
        """Sends until the time is over, whether answers come or not, then waits for the last ones."""
        began = time.monotonic()
        threads = []
        while (due := began + self.sent / PER_SECOND) < began + seconds:
            time.sleep(max(0.0, due - time.monotonic()))
            thread = threading.Thread(target=self.one, args=(self.sent, due), daemon=True)
            thread.start()
            threads.append(thread)
            self.sent += 1
        for thread in threads:
            thread.join(GIVE_UP)

    def one(self, number, due):
        protocol, streams = ("chat", "messages")[number % 2], number // 2 % 2 == 1
        target = ("steady", "steady-messages")[number // 4 % 2]
        what = f"{protocol} {'stream' if streams else 'document'} from {target}"
        try:
            problem = self.ask(protocol, streams, target, f"words of request {number}")
        except (OSError, ValueError, http.client.HTTPException) as e:
            problem = f"no answer: {type(e).__name__} {e}"
        took = time.monotonic() - due
        with self.lock:
            if problem:
                self.failures.append(f"{what}, after {took:.2f} s: {problem}")
            else:
                self.times.append(took)

    def ask(self, protocol, streams, target, text):
        """Asks; returns what is wrong with the answer, None if nothing is."""
        body = {"model": target, "max_tokens": 100, "stream": streams, "messages": [{"role": "user", "content": text}]}
        path = "/v1/chat/completions" if protocol == "chat" else "/v1/messages"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=GIVE_UP)
        try:
            connection.connect()
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.request("POST", path, json.dumps(body),
                               {"authorization": f"Bearer {self.key}", "content-type": "application/json"})
            response = connection.getresponse()
            answer = response.read().decode()
        finally:
            connection.close()
        if response.status != 200:
            return f"status {response.status}: {answer[:200]}"
        said, ended = (streamed if streams else documented)(protocol, answer)
        if not ended:
            return f"a success without its end: {answer[-200:]}"
        return None if said == text else f"wrong answer: {said[:100]!r}"


def documented(protocol, answer):
    document = json.loads(answer)
    if protocol == "chat":
        choice = document["choices"][0]
        return choice["message"]["content"], choice["finish_reason"] == "stop"
    return "".join(block.get("text", "") for block in document["content"]), document["stop_reason"] == "end_turn"


def streamed(protocol, answer):
    data = [line[len("data: "):] for line in answer.splitlines() if line.startswith("data: ")]
    ended = bool(data) and (data[-1] == "[DONE]" if protocol == "chat" else json.loads(data[-1])["type"] == "message_stop")
    events = [json.loads(one) for one in data if one != "[DONE]"]
    if protocol == "chat":
        choices = [choice for event in events for choice in event["choices"]]
        return ("".join(choice["delta"].get("content") or "" for choice in choices),
                ended and any(choice.get("finish_reason") == "stop" for choice in choices))
    return "".join(event.get("delta", {}).get("text", "") for event in events), ended


def process(port, key, seconds, results):
    caller = Caller(port, key)
    caller.run(seconds)
    results.put((caller.sent, caller.times, caller.failures))
