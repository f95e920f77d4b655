#!/usr/bin/env python3
"""Runs one measuring command and prints what it found as one line of JSON.

The command's last line that starts with "{" is its result. Added to it: the tags given as name=value, and what the
watched process (with its children) used meanwhile: processor time, and memory and threads from /proc, twice a second;
and how many of our cores were taken by work that is not the bench's.
Where the result names a plateau (epoch milliseconds), only the samples inside it count.
"""
import json
import os
import resource
import statistics
import subprocess
import sys
import threading
import time

TICK = os.sysconf("SC_CLK_TCK")


def family(pid):
    """The process and its direct children (nginx works in its children)."""
    members = [pid]
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as file:
                members += [int(child) for child in file.read().split()]
    except OSError:
        pass
    return members


def cpu_seconds(pid):
    total = 0
    for member in family(pid):
        try:
            with open(f"/proc/{member}/stat") as file:
                fields = file.read().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        except OSError:
            pass
    return total / TICK


def status(pid):
    values = {}
    try:
        with open(f"/proc/{pid}/status") as file:
            for line in file:
                name, _, rest = line.partition(":")
                if name in ("VmRSS", "VmHWM", "Threads"):
                    values[name] = int(rest.split()[0])
    except OSError:
        pass
    return values


def cores_time():
    """Seconds that the cores we may run on were busy or taken away, interrupts left out."""
    ours, total = os.sched_getaffinity(0), 0
    with open("/proc/stat") as file:
        for line in file:
            name, *fields = line.split()
            if name[:3] == "cpu" and name[3:].isdigit() and int(name[3:]) in ours:
                user, nice, system, steal = (int(fields[i]) for i in (0, 1, 2, 7))
                total += user + nice + system + steal
    return total / TICK


def bench_time():
    """Seconds used by the whole bench: what runs below the script that started us, and what we have run to its end."""
    parents, used = {}, {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as file:
                    fields = file.read().rsplit(")", 1)[1].split()
            except OSError:
                continue
            parents[int(entry)], used[int(entry)] = int(fields[1]), (int(fields[11]) + int(fields[12])) / TICK
    script, total = os.getppid(), 0
    for process in used:
        ancestor = process
        while ancestor in parents and ancestor != script:
            ancestor = parents[ancestor]
        total += used[process] if ancestor == script else 0
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return total + children.ru_utime + children.ru_stime


def sample(pid, samples, stop):
    while not stop.wait(0.5):
        values = status(pid)
        if values:
            samples.append((time.time() * 1000, values, cpu_seconds(pid)))


def main():
    split = sys.argv.index("--")
    pid, tags, command = int(sys.argv[1]), sys.argv[2:split], sys.argv[split + 1 :]
    idle, before = status(pid), cpu_seconds(pid)
    samples, stop = [], threading.Event()
    sampler = threading.Thread(target=sample, args=(pid, samples, stop), daemon=True)
    sampler.start()
    begun, busy, own = time.monotonic(), cores_time(), bench_time()
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    elapsed, busy, own = time.monotonic() - begun, cores_time() - busy, bench_time() - own
    stop.set()
    sampler.join()
    lines = [line for line in run.stdout.splitlines() if line.startswith("{")]
    if run.returncode != 0 or not lines:
        sys.exit(f"{command[0]} ended with {run.returncode} and no result:\n{run.stdout[-2000:]}")
    result = {}
    for tag in tags:
        name, _, value = tag.partition("=")
        result[name] = int(value) if value.isdigit() else value
    result.update(json.loads(lines[-1]))
    result["load_average"] = os.getloadavg()[0]
    result["other_work_cores"] = round(max(0.0, (busy - own) / elapsed), 2)
    used = {"cpu_seconds": round(cpu_seconds(pid) - before, 2), "rss_before_kb": idle.get("VmRSS")}
    since, until = result.get("plateau_from_ms", 0), result.get("plateau_to_ms", float("inf"))
    inside = [taken for taken in samples if since <= taken[0] <= until]
    if inside:
        used["rss_kb"] = int(statistics.median(values["VmRSS"] for _, values, _ in inside))
        used["rss_peak_kb"] = inside[-1][1]["VmHWM"]
        used["threads"] = max(values["Threads"] for _, values, _ in inside)
    if len(inside) > 1:
        used["cores_busy"] = round((inside[-1][2] - inside[0][2]) / (inside[-1][0] - inside[0][0]) * 1000, 2)
    result["process"] = used
    print(json.dumps(result))


main()
