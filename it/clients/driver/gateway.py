"""Gateways with simulated providers: one that runs, or one that is started here."""
import contextlib
import json
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

PROVIDERS = ("anthropic", "openai", "groq")
TARGETS = ("anthropic/claude-sonnet-5-5", "openai/gpt-6.1-terra", "groq/openai/gpt-oss-120b")
START_SECONDS = 60
OLDEST_JAVA = 21


def cannot_run(why):
    """Ends the program with the exit code for this."""
    print(why, file=sys.stderr)
    sys.exit(2)


def environment():
    """This process's environment without settings, keys and proxies that would reach a gateway or a client."""
    unwanted = re.compile(r"(BACTRIAN|CAMEL|OPENAI|ANTHROPIC|GROQ)_.*|.*_API_KEY|(https?|all)_proxy|J(AVA_TOOL|DK_JAVA)_OPTIONS", re.I)
    return {name: value for name, value in os.environ.items() if not unwanted.fullmatch(name)}


def java_home():
    """The home of a JDK that the gateway runs on: JAVA_HOME, the java on the path, else the newest in /usr/lib/jvm."""
    candidates = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    on_path = subprocess.run(["bash", "-c", "command -v java"], capture_output=True, text=True).stdout.strip()
    if on_path:
        candidates.append(Path(on_path).resolve().parent.parent)
    candidates = [(home, feature(home)) for home in candidates] + sorted(
        ((home, feature(home)) for home in Path("/usr/lib/jvm").glob("*")), key=lambda found: -found[1])
    for home, version in candidates:
        if version >= OLDEST_JAVA and (home / "bin" / "javac").exists():
            return home
    cannot_run(f"no JDK {OLDEST_JAVA} or newer in JAVA_HOME, on the path or in /usr/lib/jvm")


def feature(home):
    java = home / "bin" / "java"
    if not java.exists():
        return 0
    told = subprocess.run([java, "-XshowSettings:properties", "-version"], capture_output=True, text=True).stderr
    found = re.search(r"java\.specification\.version = (\d+)", told)
    return int(found.group(1)) if found else 0


class RunningGateway:
    """A gateway at a URL, which has to run in demo mode."""

    def __init__(self, url):
        self.url = url.rstrip("/")
        self.texts = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError, RuntimeError):
            self.mend()

    def check(self):
        """Ends the program unless simulated providers answer."""
        try:
            self.mend()
        except (OSError, RuntimeError) as e:
            cannot_run(f"{self.url} is no gateway in demo mode: {e}")

    def break_(self, faults):
        for provider, fault in faults.items():
            self.post(f"/demo/{provider}/fault?kind={fault}")

    def mend(self):
        """Ends all faults, and what the gateway remembers of them."""
        self.break_(dict.fromkeys(PROVIDERS, "off"))
        for target in TARGETS:
            self.post(f"/admin/targets/{target}/close")

    def text(self, prompt):
        """The answer to a prompt, read without any of the clients."""
        if prompt not in self.texts:
            body = {"messages": [{"role": "user", "content": prompt}]}
            self.texts[prompt] = self.post("/v1/chat/completions", body)["choices"][0]["message"]["content"]
        return self.texts[prompt]

    def post(self, path, body=None):
        request = urllib.request.Request(
            self.url + path, json.dumps(body or {}).encode(), {"content-type": "application/json"}, method="POST")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=30) as response:
                return json.load(response)
        except urllib.error.HTTPError as e:
            raise RuntimeError(f"POST {path}: {e.code} {e.read().decode(errors='replace')[:300]}") from None


def free_port():
    """A port that no process has, below those that the kernel gives to connections."""
    while True:
        port = random.randrange(18000, 32000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def commit(root):
    told = subprocess.run(["git", "-C", root, "describe", "--always", "--dirty"], capture_output=True, text=True)
    return told.stdout.strip()


def build(root):
    """Builds the gateway of a checkout if its jar is missing or older than its sources."""
    jar = root / "target" / "bactrian.jar"
    sources = [root / "pom.xml", root / "application.properties", *(root / "routes").rglob("*"), *(root / "src" / "main").rglob("*")]
    if jar.exists() and all(file.stat().st_mtime <= jar.stat().st_mtime for file in sources if file.is_file()):
        return
    print("building the gateway", file=sys.stderr)
    built = subprocess.run(["mvn", "-B", "-q", "-DskipTests", "package"], cwd=root, stdout=sys.stderr)
    if built.returncode != 0:
        cannot_run("the gateway could not be built")


class StartedGateway(RunningGateway):
    """The built gateway of a checkout, on a free port, with its defaults."""

    def __init__(self, root, log):
        self.port = free_port()
        super().__init__(f"http://127.0.0.1:{self.port}")
        self.jar = root / "target" / "bactrian.jar"
        self.log = log
        self.process = None

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="bactrian-clients.")
        Path(self.folder.name, "application.properties").write_text(f"camel.server.port={self.port}\nbactrian.demo=on\n")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [java_home() / "bin" / "java", "-jar", self.jar],
                cwd=self.folder.name, env=environment(), stdout=log, stderr=log)
        try:
            self.await_start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def await_start(self):
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError, RuntimeError):
                return self.mend()
            time.sleep(0.1)
        cannot_run(f"the gateway did not start; {self.log} says why")

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.folder.cleanup()
