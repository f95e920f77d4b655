"""Push the gateway through every fault of wall.py and score it as failoverbench does.

usage: python3 wall.py 8401 &  python3 grid.py BASE_URL [--only S01,S09] [--plain] [--fast] [--scale F] [--json OUT]
The gateway needs a provider `wall` (base-url http://127.0.0.1:8401/v1, keyless), a chain `fb-sNN = wall/fb-sNN, wall/fb-ok` for each
fault (S14: `wall/fb-s14, wall/fb-ok-noprefill`), and `alone-fb-ok = wall/fb-ok`. --plain asks without streaming.
pass = rescued and every check clean; partial = rescued, poor conduct; safe = clean bounded error; fail = hang, truncated answer as success, or a required check broken.
"""
import argparse, http.client, json, socket, sys, threading, time, urllib.parse
from wall import ANSWER

PROMPT = "Explain in about sixty words why a gateway earns trust only when the provider behind it misbehaves."
norm = lambda s: " ".join((s or "").split())
CANON = norm(ANSWER)

# id, model, fallback, max wall, checks: (name, kind, value, required?)
R, A = True, False
S = [
    ("S01", "fb-s01", "fb-ok", 20, [("retried", "pmin", 2, A), ("retry_after_honoured", "gap", 1.8, A), ("no_hammer", "within", (1.5, 2), R)]),
    ("S02", "fb-s02", "fb-ok", 40, [("no_hammer", "within", (3, 4), R), ("bounded", "pmax", 6, R)]),
    ("S03", "fb-s03", "fb-ok", 20, [("same_provider_retry", "pmin", 2, A)]),
    ("S04", "fb-s04", "fb-ok", 40, [("bounded", "pmax", 6, R)]),
    ("S05", "fb-s05", "fb-ok", 20, []),
    ("S06", "fb-s06", "fb-ok", 130, [("within_budget", "wall", 100, R), ("silent_not_retried", "pmax", 1, A)]),
    ("S07", "fb-s07", "fb-ok", 60, [("ttft_limit", "wall", 15, A)]),
    ("S08", "fb-s08", "fb-ok", 40, []),
    ("S09", "fb-s09", "fb-ok", 70, [("bounded", "wall", 45, R), ("alive", "alive", 1, R)]),
    ("S10", "fb-s10", "fb-ok", 30, [("alive", "alive", 1, R), ("in_place", "complete", 1, A)]),
    ("S11", "fb-s11", "fb-ok", 30, [("prompt", "wall", 8, R), ("usage", "usage", 1, A)]),
    ("S12", "fb-s12", "fb-ok", 20, [("no_resend", "pmax", 1, R)]),
    ("S13", "fb-s13", "fb-ok", 20, [("no_resend", "pmax", 1, R)]),
    ("S14", "fb-s14", "fb-ok-noprefill", 40, [("no_prefill_masking", "nomask", 1, R)]),
    ("S15", "fb-s15", "fb-ok", 30, []),
    ("S16", "fb-s16", "fb-ok", 40, [("reports_fallback", "model", "fb-ok", R), ("usage", "usage", 1, A), ("bounded", "pmax", 6, R)]),
]
IDEAL_ERROR = {"S13"}


def wall(path, body=None):
    c = http.client.HTTPConnection("127.0.0.1", WALL, timeout=10)
    c.request("POST" if body is not None or path.endswith("reset") else "GET", path, json.dumps(body or {}))
    return json.loads(c.getresponse().read())


def lines(r):
    """Lines of a response body; read1 raises IncompleteRead where a chunked body is cut, readline would not."""
    buf = b""
    while True:
        part = r.read1(65536)
        if not part:
            break
        *whole, buf = (buf + part).split(b"\n")
        yield from whole
    if buf:
        yield buf


def call(base, chain, stream, deadline):
    out = {"outcome": "error", "content": "", "error": None, "status": None, "model": None, "usage": None, "ttft": None, "tools": [], "finish": None}
    t0 = time.monotonic()

    def work():
        u = urllib.parse.urlsplit(base)
        body = {"model": chain, "messages": [{"role": "user", "content": PROMPT}]}
        if stream:
            body |= {"stream": True, "stream_options": {"include_usage": True}}
        try:
            c = http.client.HTTPConnection(u.hostname, u.port, timeout=deadline)
            c.request("POST", u.path.rstrip("/") + "/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json", "Authorization": "Bearer " + KEY})
            r = c.getresponse()
            out["status"], out["headers"] = r.status, dict(r.getheaders())
            if r.status != 200:
                out["error"] = r.read(4000).decode("utf8", "replace")
                return
            if not stream:
                o = json.loads(r.read())
                if o.get("error"):
                    out["error"] = json.dumps(o["error"])
                    return
                m = o["choices"][0]["message"]
                out.update(outcome="success", content=m.get("content") or "", tools=m.get("tool_calls") or [], model=o.get("model"), usage=o.get("usage"), finish=o["choices"][0].get("finish_reason"))
                return
            n = 0
            for ln in lines(r):
                ln = ln.decode("utf8", "replace").strip()
                if not ln.startswith("data:"):
                    continue
                d = ln[5:].strip()
                if d == "[DONE]":
                    break
                if not d:
                    continue
                try:
                    o = json.loads(d)
                except ValueError:
                    out["bad"] = out.get("bad", 0) + 1
                    continue
                if o.get("error"):
                    out["error"] = f"in-band after {n}: " + json.dumps(o["error"])[:300]
                    return
                n += 1
                out["model"] = o.get("model") or out["model"]
                out["usage"] = o.get("usage") or out["usage"]
                for ch in o.get("choices") or []:
                    out["finish"] = ch.get("finish_reason") or out["finish"]
                    x = ch.get("delta", {}).get("content")
                    if x:
                        out["ttft"] = out["ttft"] or time.monotonic() - t0
                        out["content"] += x
                    out["tools"] += ch.get("delta", {}).get("tool_calls") or []
            out["outcome"] = "success"
        except Exception as x:
            out["error"] = f"{type(x).__name__}: {x}"

    th = threading.Thread(target=work, daemon=True)
    th.start()
    th.join(deadline + 1)
    if th.is_alive():
        out = {**out, "outcome": "hang"}
    out["s"] = round(time.monotonic() - t0, 2)
    return out


def check(kind, v, o, log, primary, fb, alive):
    p = [e for e in log if e["model"] == primary]
    f = [e for e in log if e["model"] == fb]
    if kind == "pmin": return len(p) >= v
    if kind == "pmax": return len(p) <= v
    if kind == "gap": return len(p) > 1 and p[1]["t"] - p[0]["t"] >= v
    if kind == "within": return sum(e["t"] - p[0]["t"] < v[0] for e in p) <= v[1]
    if kind == "wall": return o["s"] <= v * SCALE
    if kind == "alive": return alive
    if kind == "complete": return norm(o["content"]) == CANON
    if kind == "usage": return bool(o["usage"])
    if kind == "model": return v in (o["model"] or "")
    if kind == "nomask": return not (o["outcome"] == "error" and any(e["action"] == "400 invalid_prefill" for e in log))
    raise ValueError(kind)


def verdict(sid, o, checks):
    whole = norm(o["content"]) == CANON
    if o["outcome"] == "hang": return "fail", "hang"
    if o["outcome"] == "success" and not whole and sid not in IDEAL_ERROR: return "fail", f"truncated or altered answer as success ({len(norm(o['content']).split())} words)"
    bad = [n for n, ok, req in checks if not ok and req]
    if bad: return "fail", "broken: " + ", ".join(bad)
    poor = [n for n, ok, req in checks if not ok]
    if sid in IDEAL_ERROR:
        if o["outcome"] == "success": return "partial", "answered by routing around"
        return ("partial", ", ".join(poor)) if poor else ("pass", "clean error")
    if o["outcome"] == "success": return ("partial", ", ".join(poor)) if poor else ("pass", "rescued")
    return "safe", "clean error: " + str(o["error"])[:90]


def run(base, sid, primary, fb, deadline, checks, stream):
    wall("/control/reset", {})
    if sid == "S15":
        items, t0 = [], time.monotonic()
        down = CFG["flap_down"]
        for i in range(20):
            time.sleep(max(0, t0 + i * down / 15 - time.monotonic()))
            items.append((time.monotonic() - t0, call(base, primary, stream, deadline)))
        log = wall("/control/log")["log"]
        p = [e for e in log if e["model"] == primary]
        rec = [e["t"] for e in p if (e["action"] or "").startswith("200")]
        during = [o for t, o in items if t < down]
        served = sum(o["outcome"] == "success" and norm(o["content"]) == CANON for o in during)
        back = round(min(rec) - down, 1) if rec else None
        probes = sum(e["t"] < down for e in p)
        ok = served == len(during) and all(o["outcome"] == "success" for _, o in items) and back is not None and back <= down / 2
        note = f"{served}/{len(during)} served in the outage, back after {back}s, {probes} calls to the dead primary"
        return ("pass" if ok else "fail"), note, {"s": round(time.monotonic() - t0, 1)}, len(p), len(log) - len(p)
    o = call(base, primary, stream, deadline)
    time.sleep(0.3)
    log = wall("/control/log")["log"]
    a = call(base, "alone-fb-ok", False, 10)
    alive = a["outcome"] == "success" and norm(a["content"]) == CANON
    cs = [(n, check(k, v, o, log, primary, fb, alive), req) for n, k, v, req in checks if stream or n != "ttft_limit"]
    if not alive:
        cs.append(("alive_after: " + str(a["error"])[:80], False, True))
    v, why = verdict(sid, o, cs)
    return v, why, o, sum(e["model"] == primary for e in log), sum(e["model"] == fb for e in log)


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("base"); ap.add_argument("--only"); ap.add_argument("--plain", action="store_true")
    ap.add_argument("--fast", action="store_true"); ap.add_argument("--json"); ap.add_argument("--wall", type=int, default=8401); ap.add_argument("--key", default="x")
    # Shortens the wall's waits and the time limits that belong to them; the gateway's own limits must be shortened alike.
    ap.add_argument("--scale", type=float, default=1)
    a = ap.parse_args()
    WALL, KEY, SCALE = a.wall, a.key, a.scale
    waits = {"slow_ttft": 20, "stall": 30, "silence": 120, "flap_down": 60} if not a.fast else {"slow_ttft": 20, "stall": 30, "silence": 120, "flap_down": 30}
    CFG = wall("/control/config", {k: v * SCALE for k, v in (waits | {"token_ms": 15}).items()})
    tally, rows = {}, []
    for sid, primary, fb, deadline, checks in S:
        if a.only and sid not in a.only.split(","):
            continue
        v, why, o, np, nf = run(a.base, sid, primary, fb, deadline, checks, not a.plain)
        tally[v] = tally.get(v, 0) + 1
        rows.append({"id": sid, "verdict": v, "why": why, "s": o["s"], "primary": np, "fallback": nf})
        print(f"{sid} {v:8} {np}p/{nf}f {o['s']:>6}s  {why}", flush=True)
    print(" ".join(f"{k}={n}" for k, n in sorted(tally.items())))
    if a.json:
        json.dump(rows, open(a.json, "w"), indent=1)
