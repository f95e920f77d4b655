#!/usr/bin/env python3
"""report.py RAW MACHINE JSON: tables in Markdown on standard output, all the raw figures in JSON.

Every figure is the median over the rounds. A ratio or a difference is taken inside each round, against what was
measured seconds before or after it, and then the median of these.
"""
import json
import statistics
import sys


class Part:
    """The results of one part by subject, each in the order of the rounds."""

    def __init__(self, results):
        self.subjects = {}
        for result in sorted(results, key=lambda r: r["round"]):
            self.subjects.setdefault(result["subject"], []).append(result)

    def values(self, subject, *path):
        found = []
        for result in self.subjects.get(subject, []):
            for key in path:
                result = result.get(key) if result is not None else None
            found.append(result)
        return found

    def median(self, subject, *path):
        found = [value for value in self.values(subject, *path) if value is not None]
        return statistics.median(found) if found else None

    def against(self, subject, other, path, operation):
        pairs = zip(self.values(subject, *path), self.values(other, *path))
        found = [operation(mine, theirs) for mine, theirs in pairs if mine is not None and theirs]
        return statistics.median(found) if found else None

    def ratio(self, subject, other, *path):
        return self.against(subject, other, path, lambda mine, theirs: mine / theirs)

    def added(self, subject, other, *path):
        return self.against(subject, other, path, lambda mine, theirs: mine - theirs)


def show(value, form="{:,.0f}"):
    return "–" if value is None else form.format(value)


def ms(microseconds):
    return show(None if microseconds is None else microseconds / 1000, "{:,.2f}")


def mb(kilobytes):
    return show(None if kilobytes is None else kilobytes / 1024)


def label(subject):
    return subject.replace("-", " ", 1)


def stub_of(subject):
    """The stub with the protocol of the subject's provider."""
    return "stub-" + subject.rsplit("-", 1)[-1]


def predecessor(subject):
    """The baseline's run of the same thing; a subject that no part knows where there is none."""
    return subject.replace("gateway", "baseline", 1) if subject.startswith("gateway") else ""


def spread(values):
    return f"{min(values):,.0f}–{max(values):,.0f}"


def table(title, note, header, rows):
    with_baseline = any(row[-1] != "–" for row in rows)
    if not with_baseline:
        header, rows = header[:-1], [row[:-1] for row in rows]
    print(f"\n### {title}\n\n{note}\n")
    print("| " + " | ".join(header) + " |")
    print("|---|" + "---:|" * (len(header) - 1))
    for row in rows:
        print("| " + " | ".join(row) + " |")


def load(part):
    rows = []
    for subject in part.subjects:
        rate = part.values(subject, "per_second")
        cost = [
            result["process"]["cpu_seconds"] * 1e6 / result["requests"]
            for result in part.subjects[subject]
            if result["requests"]
        ]
        rows.append([
            label(subject), show(statistics.median(rate)), spread(rate),
            ms(part.median(subject, "p50_us")), ms(part.median(subject, "p99_us")),
            show(part.ratio(subject, "nginx", "per_second"), "{:.2f}"),
            show(statistics.median(cost) if cost else None), mb(part.median(subject, "process", "rss_kb")),
            str(sum(part.values(subject, "failed"))),
            show(part.ratio(subject, predecessor(subject), "per_second"), "{:.2f}"),
        ])
    table("Load", "One document per request, 64 connections, as fast as they are answered.",
          ["subject", "requests/s", "spread", "p50 ms", "p99 ms", "requests/s of nginx", "CPU µs/request", "RSS MB",
           "failed", "requests/s of baseline"], rows)


def latency(part):
    rows = [[
        label(subject), show(part.median(subject, "p50_us")), show(part.median(subject, "p99_us")),
        show(part.added(subject, "stub", "p50_us")), show(part.added(subject, "nginx", "p50_us")),
        str(sum(part.values(subject, "failed"))),
        show(part.ratio(subject, predecessor(subject), "p50_us"), "{:.2f}"),
    ] for subject in part.subjects]
    table("Unloaded latency", "One connection, one request at a time.",
          ["subject", "p50 µs", "p99 µs", "p50 added to stub, µs", "to nginx, µs", "failed", "p50 of baseline"], rows)


def streams(part):
    rows = []
    for subject, results in part.subjects.items():
        used = lambda name: part.median(subject, "process", name) if not subject.startswith("stub") else None
        stub = stub_of(subject)
        rows.append([
            label(subject), whole(results),
            show(part.median(subject, "events_per_second")),
            ms(part.median(subject, "event_p50_us")), ms(part.median(subject, "event_p99_us")),
            ms(part.added(subject, stub, "event_p50_us")), ms(part.added(subject, stub, "event_p99_us")),
            ms(part.median(subject, "first_p50_us")), mb(used("rss_before_kb")), mb(used("rss_kb")),
            mb(used("rss_peak_kb")), show(used("threads")), show(used("cores_busy"), "{:.2f}"),
            show(part.ratio(subject, predecessor(subject), "event_p99_us"), "{:.2f}"),
        ])
    table("Streams", "Age of an event when it is read, during the plateau in which all the streams are open.",
          ["subject", "whole", "events/s", "p50 ms", "p99 ms", "p50 added ms", "p99 added ms", "first content p50 ms",
           "RSS before MB", "RSS plateau MB", "RSS peak MB", "threads", "cores busy", "p99 of baseline"], rows)
    tell_broken(part)


def whole(results):
    return f"{sum(r['whole'] for r in results):,} of {sum(r['streams'] for r in results):,}"


def tell_broken(part):
    for subject, results in part.subjects.items():
        broken = {}
        for result in results:
            for why, count in result["broken"].items():
                broken[why] = broken.get(why, 0) + count
        if broken:
            print(f"\nBroken, {label(subject)}: " + ", ".join(f"{why} {count}" for why, count in broken.items()))


def rescue(part):
    rows = [[
        label(subject), whole(results), f"{sum(part.values(subject, 'asked_second')):,}",
        ms(part.median(subject, "gap_p50_us")), ms(part.median(subject, "gap_p99_us")),
        ms(max((value for value in part.values(subject, "gap_max_us") if value is not None), default=None)),
        ms(part.added(subject, "caller", "gap_p50_us")), ms(part.added(subject, "caller", "gap_p99_us")),
        show(part.ratio(subject, predecessor(subject), "gap_p50_us"), "{:.2f}"),
    ] for subject, results in part.subjects.items()]
    table("Rescue", "From the end of the first provider's socket to the request at the second, as the providers see "
          "it; the largest is of all rounds.",
          ["subject", "whole", "asked the second", "p50 ms", "p99 ms", "max ms", "p50 added ms", "p99 added ms",
           "p50 of baseline"], rows)
    tell_broken(part)


def memory(part):
    rows = []
    for subject, results in part.subjects.items():
        row = [label(subject), whole(results)]
        for kind in ("heap", "rss"):
            row += [mb(part.median(subject, "memory", when, f"{kind}_kb")) for when in ("idle", "open", "after")]
            row.append(show(part.median(subject, f"{kind}_kb_per_stream"), "{:,.1f}"))
        row.append(show(part.ratio(subject, predecessor(subject), "heap_kb_per_stream"), "{:.2f}"))
        rows.append(row)
    table("Memory", "After a collection that shrinks the heap to what lives: without streams, with all of them open, "
          "and after their end.",
          ["subject", "whole", "live heap MB", "open", "after", "heap KB per stream", "RSS MB", "open", "after",
           "RSS KB per stream", "heap per stream of baseline"], rows)
    tell_broken(part)


def divide_memory(result):
    """Adds what each open stream takes; a stream that broke was none."""
    for kind in ("heap", "rss"):
        idle, open_ = (result["memory"].get(when, {}).get(f"{kind}_kb") for when in ("idle", "open"))
        if result["whole"] and open_ is not None:
            result[f"{kind}_kb_per_stream"] = round((open_ - idle) / result["whole"], 1)


def start(part):
    rows = [[
        label(subject), show(part.median(subject, "start_ms")), spread(part.values(subject, "start_ms")),
        show(part.median(subject, "listening_ms")), show(part.median(subject, "stop_ms")),
        "/".join(sorted({str(code) for code in part.values(subject, "stop_code")})),
        show(part.ratio(subject, predecessor(subject), "start_ms"), "{:.2f}"),
    ] for subject in part.subjects]
    table("Start", "From exec to the first 200, and from SIGTERM to the end.",
          ["subject", "first 200, ms", "spread", "listening, ms", "stop, ms", "exit code", "start of baseline"], rows)


def queue(part):
    kinds = {}
    for results in part.subjects.values():
        for result in results:
            kinds.setdefault(result["kind"], []).append(result)
    kinds = {kind: Part(results) for kind, results in kinds.items()}
    empty = Part([])
    names = {"live": "50 clients, each waiting for its reply", "drain": "from a full queue", "one": "one client",
             "http": "one HTTP client", "disk": "4 KB and fdatasync, one writer"}
    rows = []
    for kind, what in names.items():
        of_kind = kinds.get(kind, empty)
        time = "p{}_us" if kind == "http" else "reply_p{}_us"
        for subject, results in of_kind.subjects.items():
            rate = of_kind.values(subject, "per_second")
            cost = [result["process"]["cpu_seconds"] * 1e6 / result["requests"] for result in results if result["requests"]]
            rows.append([
                f"{label(subject)}: {what}", show(statistics.median(rate)), spread(rate),
                ms(of_kind.median(subject, time.format(50))), ms(of_kind.median(subject, time.format(99))),
                show(of_kind.ratio(subject, "loop", "per_second"), "{:.2f}"),
                show(statistics.median(cost) if cost and kind != "disk" else None),
                mb(of_kind.median(subject, "process", "rss_kb") if kind != "disk" else None),
                str(sum(of_kind.values(subject, "failed"))),
                show(of_kind.ratio(subject, predecessor(subject), "per_second"), "{:.2f}"),
            ])
    table("Queue", "Durable requests and replies, one transaction for each; the loop is the same broker with consumers "
          "that answer at once, without a gateway.",
          ["subject", "replies/s", "spread", "p50 ms", "p99 ms", "replies/s of loop", "CPU µs/request", "RSS MB", "failed",
           "replies/s of baseline"], rows)
    one, http = kinds.get("one", empty), kinds.get("http", empty)
    for subject in http.subjects:
        pairs = zip(one.values(subject, "reply_p50_us"), http.values(subject, "p50_us"))
        added = statistics.median(queued - plain for queued, plain in pairs)
        print(f"\n{label(subject)}: p50 of one client is {added / 1000:.2f} ms above that of HTTP.")
    started, idle = kinds.get("start", empty), kinds.get("idle", empty)
    rows = [[
        label(subject), show(started.median(subject, "start_ms")), spread(started.values(subject, "start_ms")),
        show(started.median(subject, "stop_ms")), mb(idle.median(subject, "process", "rss_kb")),
        show(idle.median(subject, "process", "threads")),
        show(started.ratio(subject, predecessor(subject), "start_ms"), "{:.2f}"),
    ] for subject in started.subjects]
    table("Cost of the queue", "From exec to the first 200 over HTTP; memory when idle.",
          ["subject", "first 200, ms", "spread", "stop, ms", "RSS MB", "threads", "start of baseline"], rows)


def main():
    raw, machine_file, output = sys.argv[1:4]
    with open(raw) as file:
        results = [json.loads(line) for line in file]
    with open(machine_file) as file:
        machine = json.load(file)
    print(f"## Bench of {machine['commit'] or 'an unknown commit'}, {machine['time']}\n")
    print(f"{machine['cpu']}, {machine['cpus']} CPUs, pinned to cores {machine['cores']}; {machine['memory_mb']} MB; "
          f"Linux {machine['kernel']}; {machine['java']}; {machine['nginx']}; {machine['wrk']}.  ")
    print(f"{machine['settings'][0].upper()}{machine['settings'][1:]}.")
    for name, meaning in (("command", "gateway started by"), ("baseline", "baseline"), ("java_options", "Java options")):
        if machine[name]:
            print(f"\n{meaning[0].upper()}{meaning[1:]}: `{machine[name]}`")
    if machine["quick"] == "true":
        print("\n**Quick run: shows that everything works; not for comparison.**")
    for result in results:
        if result["part"] == "memory":
            divide_memory(result)
    parts = {"load": load, "latency": latency, "streams": streams, "rescue": rescue, "memory": memory, "start": start,
             "queue": queue}
    for name, tell in parts.items():
        of_part = [result for result in results if result["part"] == name]
        if of_part:
            tell(Part(of_part))
            others = [result["other_work_cores"] for result in of_part]
            print(f"\nOther work on these cores meanwhile: {statistics.mean(others):.2f} cores, "
                  f"between {min(others):.2f} and {max(others):.2f} in single runs.")
    with open(output, "w") as file:
        json.dump({"machine": machine, "results": results}, file, indent=1)
    print(f"\nRaw figures: {output}")


main()
