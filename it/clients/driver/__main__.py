"""The command line: installs clients, asks a gateway through each of them, and prints what they saw."""
import argparse
import contextlib
import queue
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from catalogue import CLIENTS
from checks import CHECKS, FAILS, Checker, Outcome, known_failures
from gateway import RunningGateway, StartedGateway, build, cannot_run, commit
from installer import InstallFailed, Installer
from program import Program
from report import Report

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE.parent.parent
FOLDER = ROOT / "target" / "clients"


def arguments():
    parser = argparse.ArgumentParser(
        prog="it/clients/run.sh",
        description="Asks a gateway with simulated providers through real clients, installed from their registries.",
        epilog="Exits with 1 if a check fails that known.txt does not name, with 2 if it cannot run.",
    )
    parser.add_argument("clients", nargs="*", metavar="client", help="the beginning of a client's name; all without one")
    parser.add_argument("--gateway", metavar="URL", help="a running gateway in demo mode, in place of one of its own")
    parser.add_argument("--only", metavar="CHECK", action="append", choices=[check.name for check in CHECKS],
                        help="this check only; may be repeated")
    parser.add_argument("--jobs", type=int, default=3, help="clients at once, each with a gateway of its own (%(default)s)")
    parser.add_argument("--list", action="store_true", help="lists the clients and the checks, and ends")
    parser.add_argument("--fresh", action="store_true", help="installs again what is installed")
    return parser.parse_args()


def chosen(names):
    if not names:
        return CLIENTS
    for name in names:
        if not any(client.name.startswith(name) for client in CLIENTS):
            cannot_run(f"no such client: {name}; there are {', '.join(client.name for client in CLIENTS)}")
    return [client for client in CLIENTS if any(client.name.startswith(name) for name in names)]


def listing():
    for client in CLIENTS:
        print(f"{client.name:27} {client.title} {client.version}")
    for check in CHECKS:
        print(f"{check.name:27} {check.what}")


class Examination:
    """All the checks of some clients, several clients at once, one at each gateway."""

    def __init__(self, gateways, checks, known, report):
        self.idle = queue.SimpleQueue()
        for gateway in gateways:
            self.idle.put(gateway)
        self.checks = checks
        self.known = known
        self.report = report

    def of(self, client, command):
        gateway = self.idle.get()
        try:
            with Program([*command, gateway.url, *client.arguments], FOLDER / client.name) as program:
                checker = Checker(gateway, program)
                for check in self.checks:
                    begun = time.monotonic()
                    outcome = checker.take(check).known_as(self.known.get((client.name, check.name)))
                    self.report.add(client, check, outcome, time.monotonic() - begun)
        finally:
            self.idle.put(gateway)


def gateways(asked, stack):
    """The gateways to ask, closed with the stack."""
    if asked.gateway:
        made = [RunningGateway(asked.gateway)]
    else:
        build(ROOT)
        made = [StartedGateway(ROOT, FOLDER / f"gateway-{i}.log") for i in range(asked.jobs)]
    for gateway in made:
        stack.enter_context(gateway)
        gateway.check()
    return made


def main():
    asked = arguments()
    if asked.list:
        listing()
        return 0
    clients = chosen(asked.clients)
    asked.jobs = max(1, min(asked.jobs, len(clients)))
    checks = [check for check in CHECKS if not asked.only or check.name in asked.only]
    known = known_failures(HERE / "known.txt")
    FOLDER.mkdir(parents=True, exist_ok=True)
    installer = Installer(HERE, FOLDER, asked.fresh)
    report = Report(FOLDER, asked.gateway or commit(ROOT))
    with contextlib.ExitStack() as stack:
        examination = Examination(gateways(asked, stack), checks, known, report)
        with ThreadPoolExecutor(asked.jobs) as pool:
            running = []
            for client in clients:
                try:
                    running.append(pool.submit(examination.of, client, installer.install(client)))
                except InstallFailed as failure:
                    report.not_run(client, Outcome(FAILS, str(failure)).known_as(known.get((client.name, "install"))))
            for each in running:
                each.result()
    report.write()
    return 1 if report.failed() else 0


def stop(*_):
    sys.exit(143)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
