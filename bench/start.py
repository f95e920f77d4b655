#!/usr/bin/env python3
"""Waits for the first answer of a gateway.

start.py wait PORT PID                 until PID answers at PORT; ends with 1 where it dies or needs over a minute
start.py time PORT DIR LOG -- COMMAND  starts COMMAND in DIR, prints the time to its first answer as JSON, stops it
"""
import http.client
import json
import subprocess
import sys
import time

BODY = json.dumps({"model": "default", "max_tokens": 1, "messages": [{"role": "user", "content": "ready?"}]})
LIMIT = 60.0


def answers(port):
    """None where nobody listens, else the status of one chat request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("POST", "/v1/chat/completions", BODY, {"Content-Type": "application/json"})
        response = connection.getresponse()
        document = response.read()
        return response.status if response.status != 200 or b'"choices"' in document else -1
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def until_answer(port, alive, pause):
    """Seconds on the monotonic clock of the first 200, and of the first answer of any kind."""
    begun, heard, last = time.monotonic(), None, None
    while time.monotonic() - begun < LIMIT:
        last = answers(port)
        now = time.monotonic()
        heard = heard or (now if last is not None else None)
        if last == 200:
            return now, heard
        if not alive():
            sys.exit(f"the process for port {port} ended before it answered")
        time.sleep(pause)
    sys.exit(f"no 200 from port {port} within {LIMIT:.0f} s (last status {last})")


def exists(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def timed(port, folder, log, command):
    with open(log, "ab") as output:
        begun = time.monotonic()
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=subprocess.STDOUT)
        try:
            answered, heard = until_answer(port, lambda: process.poll() is None, 0.005)
        finally:
            asked = time.monotonic()
            process.terminate()
            try:
                code = process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                code = process.wait()
    print(json.dumps({
        "start_ms": round((answered - begun) * 1000),
        "listening_ms": round((heard - begun) * 1000),
        "stop_ms": round((time.monotonic() - asked) * 1000),
        "stop_code": code,
    }))


if sys.argv[1] == "wait":
    process_id = int(sys.argv[3])
    until_answer(int(sys.argv[2]), lambda: exists(process_id), 0.1)
else:
    timed(int(sys.argv[2]), sys.argv[3], sys.argv[4], sys.argv[sys.argv.index("--") + 1 :])
