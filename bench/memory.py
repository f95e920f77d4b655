#!/usr/bin/env python3
"""memory.py JCMD PID -- COMMAND: the memory of the JVM PID before, with and after the open streams of COMMAND.

COMMAND prints "open" when all its streams are open, and its result as one line of JSON at its end. Added to that: the
resident memory (rss_kb) and the live objects (heap_kb) as idle, open and after, each after a collection of garbage that
shrinks the heap to what lives. "open" is missing where the streams were not all open meanwhile.
"""
import json
import subprocess
import sys
import time

SETTLE = 1.0


def asked(jcmd, pid, *command):
    answer = subprocess.run([jcmd, pid, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if answer.returncode != 0:
        sys.exit(f"{jcmd} {pid} {command[0]} ended with {answer.returncode}: {answer.stdout[:1000].splitlines()[:2]}")
    return answer.stdout


def resident(pid):
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


def taken(jcmd, pid):
    """The second collection finds what the first has only released; a histogram counts live objects alone."""
    asked(jcmd, pid, "GC.run")
    time.sleep(SETTLE)
    asked(jcmd, pid, "GC.run")
    rss = resident(pid)
    total = asked(jcmd, pid, "GC.class_histogram").splitlines()[-1].split()
    return {"rss_kb": rss, "heap_kb": int(total[2]) // 1024}


def main():
    split = sys.argv.index("--")
    jcmd, pid = sys.argv[1:split]
    # Else the heap keeps pages that no object needs, and the first streams seem to cost nothing.
    asked(jcmd, pid, "VM.set_flag", "MinHeapFreeRatio", "0")
    asked(jcmd, pid, "VM.set_flag", "MaxHeapFreeRatio", "5")
    found = {"idle": taken(jcmd, pid)}
    client = subprocess.Popen(sys.argv[split + 1 :], stdout=subprocess.PIPE, text=True)
    lines = []
    try:
        for line in client.stdout:
            lines.append(line)
            if line.strip() == "open":
                begun = time.time() * 1000
                found["open"] = taken(jcmd, pid)
                ended = time.time() * 1000
    finally:
        if "open" not in found:
            client.kill()
    results = [line for line in lines if line.startswith("{")]
    if client.wait() != 0 or not results or "open" not in found:
        sys.exit(f"the client ended with {client.returncode} and no result:\n{''.join(lines)[-2000:]}")
    result = json.loads(results[-1])
    if result.get("plateau_from_ms", ended) > begun + 1 or result.get("plateau_to_ms", 0) < ended:
        print("the streams were not all open while their memory was taken", file=sys.stderr)
        del found["open"]
    time.sleep(SETTLE)
    found["after"] = taken(jcmd, pid)
    print(json.dumps(result | {"memory": found}))


main()
