"""Attacks of a caller that has a key, and those in which a hostile provider answers it."""
import gzip
import json
import time

from attacks import KEYED, UPSTREAM, Breach, attack, body
from hostile import HARMS
from wire import Wire, ask, head

CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"


def chat(text="Hi", model="steady", **more):
    return {"model": model, "messages": [{"role": "user", "content": text}], **more}


def messages(text="Hi", model="steady-messages", **more):
    return {"model": model, "max_tokens": 100, "messages": [{"role": "user", "content": text}], **more}


def schema(tree):
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "s", "schema": tree}}}


def ask_schema(target, tree, text='{"a":1}'):
    """Asks for an answer in a schema; the good provider answers with the text."""
    return ask(target.port, CHAT, chat(text, "steady-messages", **schema(tree)), target.key, 60)


@attack(KEYED)
def schema_doubling(target, turn):
    """A schema of 26 levels, each of which asks for the next one twice."""
    levels = {f"l{i}": {"allOf": [{"$ref": f"#/$defs/l{i + 1}"}] * 2} for i in range(26)}
    tree = {"type": "object", "$defs": {**levels, "l26": {"type": "object"}}, "allOf": [{"$ref": "#/$defs/l0"}]}
    return ask_schema(target, tree)


@attack(KEYED)
def schema_of_any(target, turn):
    levels = {f"l{i}": {"anyOf": [{"$ref": f"#/$defs/l{i + 1}"}] * 3} for i in range(20)}
    tree = {"type": "object", "$defs": {**levels, "l20": {"type": "string"}}, "anyOf": [{"$ref": "#/$defs/l0"}]}
    return ask_schema(target, tree)


@attack(KEYED)
def schema_in_circles(target, turn):
    tree = {"type": "object", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}
    return ask_schema(target, tree)


@attack(KEYED)
def schema_patterns(target, turn):
    """3,000 patterns, each of which is slow on the answer, some just below the limit of one."""
    tree = {"type": "object",
            "properties": {"p1": {"allOf": [{"pattern": f"^(a|a?)+{i}$"} for i in range(2500)]}},
            "patternProperties": {f"^(p|p?)+{i}x": {} for i in range(500)}}
    longer = "a" * (8 + int(turn.split("-")[1]) % 16)
    return ask_schema(target, tree, json.dumps({"p1": longer + "!"}))


@attack(KEYED, pause=1.0)
def schema_large(target, turn):
    """3 MB, another one each time: whatever keeps schemas fills."""
    properties = {f"p{turn}-{i}": {"type": "string", "description": "x" * 1000} for i in range(3000)}
    return ask_schema(target, {"type": "object", "properties": properties})


@attack(KEYED)
def schema_remote(target, turn):
    tree = {"$ref": f"http://127.0.0.1:{target.hostile}/schema"}
    return ask_schema(target, tree)


@attack(KEYED, pause=0.3)
def schema_unmet(target, turn):
    """A good schema that the answers do not meet: the caller's own matter."""
    tree = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": False}
    return ask_schema(target, tree, '{"a":"b"}')


@body
def nodes():
    return b'{"model":"steady","messages":[{"role":"user","content":"Hi"}],"x":[' + b"1," * 6_000_000 + b"1]}"


@body
def objects():
    return b'{"model":"steady-messages","messages":[{"role":"user","content":"Hi"}],"tools":[' + b"{}," * 3_000_000 + b"{}]}"


@attack(KEYED, pause=1.0)
def many_nodes(target, turn):
    return ask(target.port, CHAT, nodes(), target.key, 60)


@attack(KEYED, pause=1.0)
def many_objects(target, turn):
    return ask(target.port, CHAT, objects(), target.key, 60)


@attack(KEYED, pause=1.0)
def many_messages(target, turn):
    return ask(target.port, MESSAGES, messages_of(300_000), target.key, 60)


@body
def messages_of(count):
    turn = b'{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"text","text":"b"}]}'
    return b'{"model":"steady","max_tokens":9,"messages":[' + b",".join([turn] * (count // 2)) + b"]}"


@body
def fallbacks():
    return json.dumps(chat(fallbacks=[f"good/y-{i}" for i in range(30_000)])).encode()


@attack(KEYED, pause=1.0)
def many_fallbacks(target, turn):
    return ask(target.port, CHAT, fallbacks(), target.key, 60)


@body
def deep():
    return b'{"model":"steady-messages","messages":' + b'[{"content":' * 100_000 + b"1" + b"}]" * 100_000 + b"}"


@attack(KEYED)
def deep_json(target, turn):
    return ask(target.port, CHAT, deep(), target.key, 60)


@body
def same_names():
    return b'{"model":"steady","messages":[{"role":"user","content":"Hi"}]' + b',"a":1' * 1_000_000 + b"}"


@attack(KEYED, pause=1.0)
def repeated_names(target, turn):
    return ask(target.port, CHAT, same_names(), target.key, 60)


@attack(KEYED, pause=1.0)
def huge_numbers(target, turn):
    number = "9" * 1_000_000
    raw = '{"model":"steady-messages","max_tokens":' + number + ',"messages":[{"role":"user","content":"Hi"}],' \
          '"temperature":1e' + number[:9] + ',"n":2147483647}'
    return ask(target.port, CHAT, raw.encode(), target.key, 60)


@attack(KEYED, pause=1.0)
def gzip_bomb(target, turn):
    return ask(target.port, CHAT, packed(), target.key, 60, Content_Encoding="gzip")


@body
def packed():
    return gzip.compress(b" " * (500 << 20), 6)


@attack(KEYED, pause=1.0)
def waiters(target, turn):
    """200 requests at a target that is down: they wait for it together."""
    wires = []
    data = json.dumps(chat(model="down")).encode()
    try:
        for _ in range(200):
            wire = Wire(target.port, 40)
            wires.append(wire)
            wire.send(head(CHAT, len(data), target.key, Connection="close"), data)
        time.sleep(20)
        return [wire.status() for wire in wires[:10]]
    finally:
        for wire in wires:
            wire.socket.close()


@attack(KEYED, pause=0.02, weight=2)
def ad_hoc_names(target, turn):
    """Models that only this caller names, new ones each time; the provider does not have them."""
    return ask(target.port, CHAT, chat(model=f"good/x-{turn}"), target.key)


@attack(KEYED, pause=0.2)
def forbidden_model(target, turn):
    return ask(target.port, CHAT, chat(model="good/forbidden"), target.key)


@attack(KEYED, pause=0.2)
def dear_model(target, turn):
    return ask(target.port, CHAT, chat(model="good/dear"), target.key)


@attack(KEYED, pause=0.2)
def refused_parameter(target, turn):
    """Parameters that the provider refuses for these requests, in the words it has for targets that lack them."""
    extra = schema({"type": "object"})
    return [ask(target.port, CHAT, chat(user="refuse stream", stream=True), target.key),
            ask(target.port, CHAT, chat(user="refuse response_format", **extra), target.key),
            ask(target.port, CHAT, chat(user="refuse tools", tools=[tool()]), target.key),
            ask(target.port, CHAT, chat(user="refuse temperature", temperature=1), target.key),
            ask(target.port, MESSAGES, messages(metadata={"user_id": "refuse stream"}, stream=True), target.key)]


def tool():
    return {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}


@attack(KEYED, pause=0.05)
def short_timeout(target, turn):
    return [ask(target.port, CHAT, chat(stream=True), target.key, X_Bactrian_Timeout="1"),
            ask(target.port, MESSAGES, messages(), target.key, X_Bactrian_Timeout="1")]


@attack(KEYED, pause=0.05)
def leave_in_the_middle(target, turn):
    wire = Wire(target.port)
    data = json.dumps(chat("word " * 100, stream=True)).encode()
    wire.send(head(CHAT, len(data), target.key), data)
    wire.status()
    wire.reset()


@attack(KEYED)
def slow_reader(target, turn):
    """A long stream that is not read."""
    data = json.dumps(chat("word " * 100, "good/long", stream=True)).encode()
    with Wire(target.port) as wire:
        wire.send(head(CHAT, len(data), target.key), data)
        time.sleep(20)


@attack(KEYED, pause=1.0)
def operating(target, turn):
    """Acts of an operator, with a key that is none."""
    for path in ("open", "drill?fault=503&for=1h"):
        if ask(target.port, f"/admin/targets/steady/{path}", b"", target.key) in range(200, 300):
            raise Breach(f"/{path.split('?')[0]} was done for a key that is no operator")
    return ask(target.port, CHAT, chat(), target.key, X_Bactrian_Drill="steady=503")


@attack(KEYED, pause=0.2)
def reading_state(target, turn):
    return [ask(target.port, path, b"", target.key, method="GET") for path in ("/status", "/metrics", "/v1/models")]


@attack(KEYED, pause=0.5)
def odd_text(target, turn):
    raw = b'{"model":"steady-messages","messages":[{"role":"user","content":"\\ud800\\u0000\\uffff' + b"\xf0\x9f\x98\x80" * 1000 \
          + b'"}],"user":"a\\r\\nevent: x\\r\\n"}'
    return [ask(target.port, CHAT, raw, target.key), ask(target.port, CHAT, b"\xff\xfe" + raw, target.key)]


@attack(KEYED, pause=1.0)
def embeddings(target, turn):
    return ask(target.port, "/v1/embeddings", {"model": "good/e", "input": ["a"] * 200_000}, target.key, 60)


@attack(KEYED, pause=1.0)
def count_tokens(target, turn):
    return ask(target.port, MESSAGES + "/count_tokens", messages_of(300_000), target.key, 60)


def through(harm):
    def act(target, turn):
        asked = [chat(model=f"hostile/{harm}"), chat(model=f"hostile/{harm}", stream=True),
                 messages(model=f"hostile-messages/{harm}", stream=True)]
        body = asked[int(turn.split("-")[1]) % 3]
        return ask(target.port, MESSAGES if "max_tokens" in body else CHAT, body, target.key, 30, X_Bactrian_Timeout="25s")
    act.__name__ = "upstream-" + harm
    return act


for name in HARMS:
    attack(UPSTREAM, pause=1.0)(through(name))
