"""Installs clients from their registries below target/clients, each in a folder of its own."""
import hashlib
import json
import os
import shutil
import subprocess
import sys

from gateway import java_home

INSTALL_SECONDS = 900


class InstallFailed(Exception):
    """A client that could not be installed or built; the message is the last line of its tool."""


class Installer:
    def __init__(self, sources, folder, fresh):
        self.sources = sources
        self.folder = folder
        self.fresh = fresh

    def install(self, client):
        """Installs a client unless that is done, and returns the command of its program.

        Raises:
            InstallFailed: if a registry does not have it, or its program does not compile
        """
        place = self.folder / client.name
        stamp, state = place / "installed", self.state(client)
        if self.fresh or not stamp.exists() or stamp.read_text() != state:
            print(f"installing {client.name}", file=sys.stderr)
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(parents=True)
            getattr(self, f"install_{client.kind}")(client, place)
            stamp.write_text(state)
        return getattr(self, f"command_{client.kind}")(client, place)

    def state(self, client):
        """Everything that an installation depends on, as one word."""
        digest = hashlib.sha256(repr(client).encode())
        for file in sorted((self.sources / client.kind).rglob("*")):
            if file.is_file():
                digest.update(file.read_bytes())
        return digest.hexdigest()

    def install_python(self, client, place):
        self.run(place, [sys.executable, "-m", "venv", place / "venv"])
        self.run(place, [place / "venv" / "bin" / "pip", "install", "-q", *client.packages])

    def command_python(self, client, place):
        return [place / "venv" / "bin" / "python", self.sources / "python" / client.program]

    def install_node(self, client, place):
        (place / "package.json").write_text(json.dumps({"private": True, "type": "module"}))
        self.run(place, ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--save-exact", *client.packages])
        for file in (self.sources / "node").glob("*.mjs"):
            shutil.copy(file, place)

    def command_node(self, client, place):
        return ["node", place / client.program]

    def install_java(self, client, place):
        maven = ["mvn", "-B", "-q", "-f", self.sources / "java" / "pom.xml", "-pl", client.program, "-am",
                 f"-Dclients.target={place}", "package"]
        self.run(place, maven, JAVA_HOME=str(java_home()))

    def command_java(self, client, place):
        built = place / client.program
        return [java_home() / "bin" / "java", "-XX:TieredStopAtLevel=1", "-cp", f"{built / 'classes'}:{built / 'lib'}/*", "clients.Client"]

    def install_go(self, client, place):
        program, modules = client.program.split()
        shutil.copytree(self.sources / "go", place / "src")
        for ending in ("mod", "sum"):
            shutil.copy(self.sources / "go" / f"{modules}.{ending}", place / "src" / f"go.{ending}")
        self.run(place / "src", ["go", "build", "-modcacherw", "-o", place / "client", f"./{program}"],
                 GOMODCACHE=str(self.folder / "go-modules"), GOWORK="off")

    def command_go(self, client, place):
        return [place / "client"]

    @staticmethod
    def run(place, command, **environment):
        try:
            done = subprocess.run(command, cwd=place, env={**os.environ, **environment}, timeout=INSTALL_SECONDS,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        except (OSError, subprocess.TimeoutExpired) as e:
            raise InstallFailed(str(e)) from None
        if done.returncode != 0:
            print(done.stdout, file=sys.stderr)
            lines = [line for line in done.stdout.splitlines() if line.strip()]
            raise InstallFailed(lines[-1] if lines else f"exit code {done.returncode}")
