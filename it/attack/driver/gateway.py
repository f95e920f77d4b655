"""The attacked gateway: a process of its own with a small heap, and what its operating system knows of it."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
CONFIGURATION = """
camel.server.port={port}
camel.server.host=127.0.0.1
bactrian.queue.enabled=false
bactrian.demo=off
bactrian.server.keys=operator:{operator}, good:{good}, other:{other}
bactrian.providers.good.base-url=http://127.0.0.1:{steady}/v1
bactrian.providers.good.keyless=true
bactrian.providers.good-messages.api=anthropic
bactrian.providers.good-messages.base-url=http://127.0.0.1:{steady}/v1
bactrian.providers.good-messages.keyless=true
bactrian.providers.broken.base-url=http://127.0.0.1:{steady}/v1
bactrian.providers.broken.keyless=true
bactrian.providers.hostile.base-url=http://127.0.0.1:{hostile}/v1
bactrian.providers.hostile.keyless=true
bactrian.providers.hostile-messages.api=anthropic
bactrian.providers.hostile-messages.base-url=http://127.0.0.1:{hostile}/v1
bactrian.providers.hostile-messages.keyless=true
bactrian.targets.steady.provider=good
bactrian.targets.steady.model=steady
bactrian.targets.steady-messages.provider=good-messages
bactrian.targets.steady-messages.model=steady
bactrian.targets.down.provider=broken
bactrian.targets.down.model=down
bactrian.chains.default=steady
"""
KEYS = {"operator": "key-of-the-operator", "good": "key-of-the-good-caller", "other": "key-of-the-other-caller"}


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Gateway:
    def __init__(self, jar, java, folder, steady, hostile, heap):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.port, self.java, self.folder = free_port(), java, folder
        configuration = CONFIGURATION.format(port=self.port, steady=steady, hostile=hostile, **KEYS)
        (folder / "application.properties").write_text(configuration)
        self.log = open(folder / "gateway.log", "wb")
        self.process = subprocess.Popen(
            [java / "java", f"-Xmx{heap}", "-XX:+ExitOnOutOfMemoryError", "-jar", jar], cwd=folder, stdout=self.log,
            stderr=subprocess.STDOUT)
        self.pid = self.process.pid
        self.highest = {"rss": 0, "threads": 0, "descriptors": 0}
        self.sampling = threading.Event()

    def await_ready(self, seconds=90):
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.alive():
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=2):
                    return True
            except OSError:
                time.sleep(0.2)
        return False

    def alive(self):
        return self.process.poll() is None

    def figures(self):
        """Memory in MB, threads and descriptors; with the heap that is left after a collection."""
        now = self.cheap_figures()
        if now:
            now["heap"] = self.heap()
        return now

    def cheap_figures(self):
        try:
            status = Path(f"/proc/{self.pid}/status").read_text()
            return {"rss": int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) // 1024,
                    "threads": int(re.search(r"Threads:\s+(\d+)", status).group(1)),
                    "descriptors": len(os.listdir(f"/proc/{self.pid}/fd"))}
        except (OSError, AttributeError):
            return {}

    def heap(self):
        try:
            for command in ("GC.run", "GC.heap_info"):
                out = subprocess.run([self.java / "jcmd", str(self.pid), command], capture_output=True, text=True,
                                     timeout=30).stdout
            return sum(int(used) for used in re.findall(r"(?:heap|generation)\s.*?used (\d+)K", out)) // 1024
        except (OSError, subprocess.TimeoutExpired):
            return -1

    def sample(self):
        """Keeps the highest figures until `sampling` is set."""
        while not self.sampling.wait(0.5):
            for name, value in self.cheap_figures().items():
                self.highest[name] = max(self.highest[name], value)

    def cpu(self):
        return cpu_of(self.pid)

    def targets(self):
        """What /status tells the operator of the good targets."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/status",
                                         headers={"authorization": f"Bearer {KEYS['operator']}"})
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                targets = json.load(response)["targets"]
        except (OSError, ValueError, KeyError) as e:
            return {"status": f"no answer: {e}"}
        wanted = ("name", "breaker", "health", "coolingUntil", "coolingBecause", "lacks", "drill", "missing")
        return {target["name"]: {name: target[name] for name in wanted if target.get(name) is not None}
                for target in targets if target.get("name", "").startswith("steady")}

    def stop(self, seconds):
        """SIGTERM; returns the exit code and the seconds it took, with None as the code if it did not end."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            code = None
            self.process.kill()
            self.process.wait()
        self.log.close()
        return code, time.monotonic() - began


def cpu_of(pid):
    """Seconds of CPU of a process so far; 0 if it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS
    except (OSError, ValueError):
        return 0.0
