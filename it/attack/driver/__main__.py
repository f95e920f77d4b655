"""The command line: starts a gateway, attacks it from all sides, and says how another caller fared meanwhile."""
import argparse
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections import namedtuple
from pathlib import Path

import attacks
import caller
import hostile
import keyed  # noqa: F401 (its attacks go into the table)
import keyless  # noqa: F401
import steady
from gateway import KEYS, Gateway, cpu_of

ROOT = Path(__file__).resolve().parents[3]
JAR = ROOT / "target" / "bactrian.jar"
FOLDER = ROOT / "target" / "attack"
MOST_P99, MOST_STOP = 1.0, 30.0
Target = namedtuple("Target", "port key hostile")


def arguments():
    parser = argparse.ArgumentParser(
        prog="it/attack/run.sh",
        description="Attacks a gateway with a small heap while another caller uses it, and says how that caller fared.",
        epilog="Exits with 1 unless all of the other caller's requests are answered with a p99 below a second, nothing "
               "forbidden is done, and the gateway lives and stops; with 2 if it cannot run.")
    parser.add_argument("minutes", nargs="?", type=float, default=5, help="how long (%(default)s)")
    parser.add_argument("--only", action="append", metavar="ATTACK", help="this attack alone; may be repeated")
    parser.add_argument("--without", action="append", default=[], metavar="ATTACK", help="not this one; may be repeated")
    parser.add_argument("--callers", type=int, default=80, help="callers without a key (%(default)s)")
    parser.add_argument("--heap", default="512m", help="the gateway's heap (%(default)s)")
    parser.add_argument("--jar", type=Path, default=JAR, help="the gateway (%(default)s)")
    parser.add_argument("--list", action="store_true", help="lists the attacks, and ends")
    return parser.parse_args()


def chosen(asked):
    names = {attack.name for attack in attacks.ALL}
    for name in (asked.only or []) + asked.without:
        if name not in names:
            cannot_run(f"no such attack: {name}; --list names them")
    return [attack for attack in attacks.ALL
            if (not asked.only or attack.name in asked.only) and attack.name not in asked.without]


def cannot_run(reason):
    print(f"attack: {reason}", file=sys.stderr)
    sys.exit(2)


def find_java():
    """The folder of the commands of a JDK that is new enough, found as the benchmark does."""
    found = subprocess.run(["bash", "-c", f". {ROOT}/bench/lib.sh; find_java_home"], capture_output=True, text=True)
    if found.returncode:
        cannot_run("no Java 21 or newer")
    return Path(found.stdout.strip()) / "bin"


def attackers(chosen_attacks, callers, target, seconds, results):
    # On a network, attackers do not take the gateway's CPU.
    os.nice(10)
    tally = attacks.Tally()
    attacks.run(chosen_attacks, callers, target, seconds, tally)
    results.put(tally.plain())
    results.close()
    results.join_thread()
    os._exit(0)


def spawn(function, *args):
    process = multiprocessing.Process(target=function, args=args, daemon=True)
    process.start()
    return process


def serving(function):
    ports = multiprocessing.Queue()
    return spawn(function, ports), ports.get(timeout=10)


def main():
    asked = arguments()
    if asked.list:
        for attack in attacks.ALL:
            print(f"{attack.name:32} {attack.who}")
        return 0
    todo = chosen(asked)
    if not asked.jar.exists():
        cannot_run(f"{asked.jar} is missing; build it: mvn -DskipTests package")
    steady_process, steady_port = serving(steady.serve)
    hostile_process, hostile_port = serving(hostile.serve)
    gateway = Gateway(asked.jar.resolve(), find_java(), FOLDER, steady_port, hostile_port, asked.heap)
    try:
        if not gateway.await_ready():
            cannot_run(f"the gateway does not start: {FOLDER / 'gateway.log'}")
        return attack_and_report(asked, todo, gateway, steady_process, hostile_process, hostile_port)
    finally:
        if gateway.alive():
            gateway.process.kill()


def attack_and_report(asked, todo, gateway, steady_process, hostile_process, hostile_port):
    warm_up(gateway.port)
    seconds = asked.minutes * 60
    target = Target(gateway.port, KEYS["other"], hostile_port)
    before, cpu_before = gateway.figures(), gateway.cpu()
    threading.Thread(target=gateway.sample, daemon=True).start()
    began = time.monotonic()
    tallies, told = multiprocessing.Queue(), multiprocessing.Queue()
    sides = [([one for one in todo if one.who == who], asked.callers if who == attacks.KEYLESS else 0)
             for who in (attacks.KEYLESS, attacks.KEYED, attacks.UPSTREAM)]
    processes = [spawn(attackers, side, callers, target, seconds, tallies) for side, callers in sides if side]
    spawn(caller.process, gateway.port, KEYS["good"], seconds, told)
    cpu = Cpu([hostile_process.pid, *(process.pid for process in processes)], [steady_process.pid], gateway.pid)
    while time.monotonic() < began + seconds and gateway.alive():
        cpu.read()
        time.sleep(0.5)
    lived = gateway.alive()
    took = time.monotonic() - began
    cpu.read()
    gateway_cpu = max(cpu.seconds[gateway.pid], cpu_before) - cpu_before
    sent, times, failures = drain(told, seconds + 120 if lived else seconds, (0, [], ["the caller did not end"]))
    targets = gateway.targets() if lived else {}
    found = [drain(tallies, 30, ({}, {})) for _ in processes]
    gateway.sampling.set()
    after = gateway.figures() if lived else {}
    code, stop_took = gateway.stop(90)

    statuses = {name: counts for one in found for name, counts in one[0].items()}
    breaches = {text: count for one in found for text, count in one[1].items()}
    p50, p99, worst = quantile(times, 0.5), quantile(times, 0.99), max(times, default=0.0)
    verdicts = {
        "all of the good caller's requests were answered": sent > 0 and not failures,
        "p99 below a second": bool(times) and p99 < MOST_P99,
        "nothing forbidden was done": not breaches,
        "the good targets are as they were": all(
            state.get("breaker") == "CLOSED" and state.get("health") != "DOWN" and "coolingUntil" not in state for state in targets.values()) and bool(targets),
        "the gateway lived": lived,
        "the gateway stopped": lived and code == 0 and stop_took < MOST_STOP,
    }
    print("Attacks: rounds by what came back")
    for attack in todo:
        counts = statuses.get(attack.name, {})
        print(f"  {attack.name:32} " + (", ".join(f"{key} {counts[key]}" for key in sorted(counts, key=str)) or "none ended"))
    for text, count in sorted(breaches.items()):
        print(f"  BREACH {count} times: {text}")
    print(f"Good caller: {sent} requests, {len(times)} answered, {len(failures)} not; "
          f"p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, max {worst * 1000:.0f} ms")
    for failure in failures[:5]:
        print(f"  {failure}")
    if len(failures) > 5:
        print(f"  … and {len(failures) - 5} more")
    print(f"Gateway ({asked.heap} heap), MB: " + "; ".join(
        f"{when} " + ", ".join(f"{name} {value}" for name, value in figures.items())
        for when, figures in (("before", before), ("after", after), ("highest", gateway.highest))))
    for name, state in targets.items():
        print(f"  {name}: " + ", ".join(f"{key} {value}" for key, value in state.items() if key != "name"))
    share = lambda used: f"{used:.0f} s = {100 * used / (took * os.cpu_count()):.0f} %"  # noqa: E731
    print(f"CPU of {os.cpu_count()} cores in {took:.0f} s: gateway {share(gateway_cpu)}, attackers and hostile provider "
          f"{share(cpu.attackers())}, good provider {share(cpu.others())}")
    print(f"Stop: exit code {code}, {stop_took:.1f} s after SIGTERM" if lived else f"The gateway ended with exit code {code}")
    for text, good in verdicts.items():
        print(f"{'ok  ' if good else 'FAIL'} {text}")
    print(f"The gateway's log: {FOLDER / 'gateway.log'}")
    return 0 if all(verdicts.values()) else 1


class Cpu:
    """The CPU that processes have used, read while they live."""

    def __init__(self, attacking, good, gateway):
        self.attacking, self.good = attacking, good
        self.seconds = dict.fromkeys([*attacking, *good, gateway], 0.0)

    def read(self):
        for pid in self.seconds:
            self.seconds[pid] = max(self.seconds[pid], cpu_of(pid))

    def attackers(self):
        return sum(self.seconds[pid] for pid in self.attacking)

    def others(self):
        return sum(self.seconds[pid] for pid in self.good)


def warm_up(port):
    """What a gateway does for the first time is slow in Java; it has served for a while in this story."""
    ready = caller.Caller(port, KEYS["good"])
    ready.run(10)


def drain(results, seconds, otherwise):
    try:
        return results.get(timeout=seconds)
    except Exception:  # noqa: BLE001 (queue.Empty, or a process that was killed)
        return otherwise


def quantile(times, share):
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    sys.exit(main())
