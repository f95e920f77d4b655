"""Checks: what is broken, what a client is asked for, and what it must have seen."""
import re
from dataclasses import dataclass, replace
from typing import Callable

PROMPT = "Are you there?"
WEATHER = "How is the weather in Oslo?"
RESULT = "4 degrees, rain"
FIRST = "default"
OPENAI = "openai/gpt-6.1-terra"
ALL = ("anthropic", "openai", "groq")

WHOLE, OK, FAILS, KNOWN, NOT_OFFERED = "whole", "ok", "fails", "known", "–"


@dataclass(frozen=True)
class Outcome:
    verdict: str
    note: str = ""

    def known_as(self, known):
        """The same, unless it is a failure that is known."""
        if known is None:
            return self
        if self.verdict != FAILS:
            return replace(self, note=f"known.txt says that this fails: {known.reason}")
        return Outcome(KNOWN, f"{known.reason} ({self.note})") if known.note in self.note else self


@dataclass(frozen=True)
class KnownFailure:
    """A failure that is no fault of the gateway, told by a part of its note."""

    note: str
    reason: str


@dataclass(frozen=True)
class Check:
    """One check of every client.

    steps: operations with their arguments, all of which have to pass
    judge: takes what was seen and the expected text, and gives None or what is wrong
    """

    name: str
    what: str
    steps: tuple
    judge: Callable
    faults: dict
    verdict: str = OK


class Checker:
    """The checks of one client at one gateway."""

    def __init__(self, gateway, program):
        self.gateway = gateway
        self.program = program

    def take(self, check):
        self.gateway.mend()
        expected = self.gateway.text(PROMPT)
        try:
            notes = []
            for operation, arguments in check.steps:
                self.gateway.mend()
                self.gateway.break_(check.faults)
                seen = self.program.do(operation, **{"model": FIRST, "prompt": PROMPT, **arguments})
                if seen.get("offered") is False:
                    continue
                wrong = seen.get("died") or check.judge(seen, expected)
                if wrong:
                    return Outcome(FAILS, f"{operation} {arguments.get('model', FIRST)}: {wrong}")
                notes.append(seen.get("error", ""))
            return Outcome(check.verdict, "; ".join(filter(None, notes))) if notes else Outcome(NOT_OFFERED)
        finally:
            self.gateway.mend()


def whole(seen, expected):
    """The exact text, a finish reason, and tokens counted."""
    if "error" in seen:
        return seen["error"]
    if seen.get("text") != expected:
        return f"{len((seen.get('text') or '').split())} of {len(expected.split())} words, not those of the answer"
    if not seen.get("finish"):
        return "no finish reason"
    if not (seen.get("input") and seen.get("output")):
        return f"no usage ({seen.get('input')} in, {seen.get('output')} out)"
    return None


def refused(seen, expected):
    """An error that is the gateway's: after the first words, or with its status or its own text."""
    heard = seen.get("text") or ""
    if "error" not in seen:
        return f"no error, {len(heard.split())} of {len(expected.split())} words handed over as the answer"
    if heard and expected.startswith(heard) and heard != expected:
        return None
    return None if re.search(r"\b(503|529)\b|No provider could answer", seen["error"]) else f"not the gateway's error: {seen['error']}"


def round_trip(seen, _):
    if "error" in seen:
        return seen["error"]
    if seen.get("tool") != "weather" or not (seen.get("arguments") or {}).get("city"):
        return f"the tool was not called as declared: {seen.get('tool')} {seen.get('arguments')}"
    if RESULT not in (seen.get("text") or ""):
        return f"the answer does not know the tool's result: {seen.get('text')}"
    return None


def structured(seen, _):
    if "error" in seen:
        return seen["error"]
    value = seen.get("object")
    if not isinstance(value, dict) or not value.get("city") or not isinstance(value.get("days"), int):
        return f"not what the schema says: {value}"
    return None


def json_object(seen, _):
    if "error" in seen:
        return seen["error"]
    return None if isinstance(seen.get("object"), dict) else f"no JSON object: {seen.get('object')}"


def listed(seen, _):
    if "error" in seen:
        return seen["error"]
    return None if FIRST in (seen.get("ids") or []) else f"the chain is not among {seen.get('ids')}"


def counted(seen, _):
    if "error" in seen:
        return seen["error"]
    return None if (seen.get("tokens") or 0) > 0 else "no tokens"


def vectors(seen, _):
    if "error" in seen:
        return seen["error"]
    sizes = seen.get("sizes") or []
    return None if len(sizes) == 2 and sizes[0] == sizes[1] > 0 else f"vectors of {sizes}"


TOOL = {"prompt": WEATHER, "result": RESULT}
CHECKS = (
    Check("answer", "a whole answer from a target of either protocol", (("answer", {}), ("answer", {"model": OPENAI})), whole, {}, WHOLE),
    Check("stream", "the same in a stream, with usage", (("stream", {}), ("stream", {"model": OPENAI})), whole, {}, WHOLE),
    Check("tools", "a tool called, and its result used", (("tools", TOOL), ("tools", {"model": OPENAI, **TOOL})), round_trip, {}),
    Check("schema", "structured output", (("schema", {}), ("schema", {"model": OPENAI})), structured, {}),
    Check("json", "JSON mode, or JSON asked for by prompt", (("json", {}), ("json", {"model": OPENAI})), json_object, {}),
    Check("fallback", "the first provider is overloaded", (("answer", {}), ("stream", {})), whole, {"anthropic": "503"}, WHOLE),
    Check("runner", "the SDK's own loop over tools, with the first provider overloaded", (("runner", TOOL),), round_trip, {"anthropic": "503"}),
    Check("cut", "the first provider breaks off after 20 tokens, and another goes on", (("stream", {}), ("answer", {})), whole,
          {"anthropic": "cut&after=20"}, WHOLE),
    Check("broken", "all providers break off after 5 tokens, and the client says so", (("stream", {}), ("answer", {})), refused,
          dict.fromkeys(ALL, "cut&after=5")),
    Check("models", "the list of models", (("models", {}),), listed, {}),
    Check("names", "model names of vendors, without any configuration",
          tuple(("answer", {"model": name}) for name in ("gpt-4o", "claude-sonnet-4-5")), whole, {}),
    Check("count", "tokens counted before a request", (("count", {}), ("count", {"model": OPENAI})), counted, {}),
    Check("embeddings", "two vectors", (("embeddings", {"model": "text-embedding-3-small"}),), vectors, {}),
)


def known_failures(file):
    """The known failures by client and check."""
    known = {}
    for line in file.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            client, check, note, reason = (part.strip() for part in line.split("|"))
            known[client, check] = KnownFailure(note, reason)
    return known
